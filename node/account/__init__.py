"""The public account: its log, who witnesses it, and how it leaves this node."""

"""The command line: one file a family of commands, loaded when one of them is called."""

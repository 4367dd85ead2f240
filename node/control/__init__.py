"""The 0600 socket by which the command line reaches the doors of a running node, and the commands it knows.

lock.py       who holds the data directory
wire.py       what goes over the socket: one JSON object a line
client.py     ask a running node (light: the command line starts with it)
server.py     answer, in the process of `serve` or without any socket
commands.py   the table of commands and what they take; the families of them are its neighbours
"""

import socket
def go(path, **p):
    socket.socket(socket.AF_UNIX).connect(path)

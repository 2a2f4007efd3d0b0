import socket
def go(**p):
    socket.socket(fileno=3).shutdown(2)

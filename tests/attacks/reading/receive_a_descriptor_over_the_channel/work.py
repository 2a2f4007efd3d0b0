import socket
def go(**p):
    s = socket.socket(fileno=3)
    s.setblocking(False)
    return str(s.recvmsg(1, 100))

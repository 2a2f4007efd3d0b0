import socket
def go(**p):
    socket.socket(socket.AF_UNIX).connect('\0convlab')

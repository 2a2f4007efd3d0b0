import array, socket
def go(**p):
    line = socket.socket(fileno=3)
    line.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [1]))])
    line.detach()
    return 1

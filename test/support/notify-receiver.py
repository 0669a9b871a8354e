# systemd's end of NOTIFY_SOCKET: prints each message as it comes. A descriptor that comes with one
# (BARRIER=1) is closed: by that systemd-notify learns that all before it has been read.
import os, socket, sys
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind(sys.argv[1])
print('listening', flush=True)
while True:
    text, descriptors, _, _ = socket.recv_fds(receiver, 4096, 8)
    for descriptor in descriptors:
        os.close(descriptor)
    if text != b'BARRIER=1':
        print(text.decode(), flush=True)

"""As much of MQTT 3.1.1 as a gateway needs, on the standard library; numbers are sections of the OASIS standard."""
import itertools, json, socket, ssl, time, urllib.parse

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, PINGREQ, DISCONNECT = 0x10, 0x20, 0x30, 0x40, 0x82, 0xC0, 0xE0
QOS1 = 0x02  # of the flags of PUBLISH, 3.3.1; RETAIN is 0x01
KEEPALIVE_S = 30

packet_ids = (number.to_bytes(2, "big") for number in itertools.cycle(range(1, 65_536)))


class SignInRefused(Exception):
    pass


def text(value):
    data = value.encode()
    return len(data).to_bytes(2, "big") + data


class Link:
    """One connection, signed in. Methods raise OSError when the link is away, SignInRefused when asking again does not help."""

    def __init__(self, url, user, password, will_topic, will):
        at = urllib.parse.urlsplit(url)
        secure = at.scheme == "mqtts"
        self.socket = socket.create_connection((at.hostname, at.port or (8883 if secure else 1883)), timeout=10)
        if secure:
            self.socket = ssl.create_default_context().wrap_socket(self.socket, server_hostname=at.hostname)
        self.heard_at = self.sent_at = time.monotonic()
        # Flags, 3.1.2.3: user name, password, will retained at QoS 1, clean session.
        head = text("MQTT") + bytes([4, 0xEE]) + KEEPALIVE_S.to_bytes(2, "big")
        self.send(CONNECT, head + b"".join(map(text, (user, will_topic, json.dumps(will), user, password))))
        first, answer = self.receive(10) or (None, b"")
        if first != CONNACK:
            raise ConnectionError("no CONNACK")
        if answer[1] in (4, 5):
            raise SignInRefused(f"CONNACK {answer[1]}")
        if answer[1] != 0:
            raise ConnectionError(f"CONNACK {answer[1]}")

    def send(self, first, body=b""):
        length, rest = b"", len(body)
        while not length or rest:  # remaining length, 2.2.3
            length += bytes([rest % 128 | (0x80 if rest >= 128 else 0)])
            rest //= 128
        self.socket.settimeout(10)
        self.socket.sendall(bytes([first]) + length + body)
        self.sent_at = time.monotonic()

    def subscribe(self, topic):
        self.send(SUBSCRIBE, next(packet_ids) + text(topic) + b"\x01")

    def publish(self, topic, payload, retain=False):
        """Sends at QoS 1; gives the packet id that PUBACK will have."""
        packet_id = next(packet_ids)
        self.send(PUBLISH | QOS1 | retain, text(topic) + packet_id + json.dumps(payload).encode())
        return packet_id

    def answer(self, first, body):
        """The payload of a PUBLISH that came; one of QoS 1 is acknowledged."""
        payload = body[2 + int.from_bytes(body[:2], "big") :]
        if not first & QOS1:
            return payload
        self.send(PUBACK, payload[:2])
        return payload[2:]

    def keep_alive(self):
        """Call this at least every few seconds."""
        now = time.monotonic()
        if now - self.heard_at > KEEPALIVE_S * 1.5:
            raise ConnectionError("the service does not answer")
        if now - self.sent_at > KEEPALIVE_S / 2:
            self.send(PINGREQ)

    def receive(self, wait_s):
        """The next packet as (first byte, body); None when none begins in time."""
        self.socket.settimeout(wait_s)
        try:
            first = self.read(1)
        except socket.timeout:
            return None
        self.socket.settimeout(10)
        length = shift = 0
        while True:
            byte = self.read(1)[0]
            length, shift = length | (byte & 0x7F) << shift, shift + 7
            if byte < 128:
                self.heard_at = time.monotonic()
                return first[0], self.read(length)

    def read(self, size):
        data = b""
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            if not more:
                raise ConnectionError("the link was closed")
            data += more
        return data

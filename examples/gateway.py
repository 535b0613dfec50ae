"""A gateway in Python 3.8 or later, to copy and change, with mqtt_link.py beside it. It needs no other package.

  MQTT_URL=mqtt://127.0.0.1:1883 PARK=oh-diandu GATEWAY=gw-01 SECRET=... python3 gateway.py

It reads one reading per line from its standard input, where your driver for meters and sensors would be:

  {"domain": "energy", "device": "em-01", "values": {"active_power_kw": 412.5}}

It ends when its input ends and the service has acknowledged everything.
"""
import collections, json, os, sys, threading, time
from mqtt_link import DISCONNECT, PUBACK, PUBLISH, Link, SignInRefused

MQTT_URL = os.environ.get("MQTT_URL", "mqtt://127.0.0.1:1883")
try:
    PARK, GATEWAY, SECRET = (os.environ[name] for name in ("PARK", "GATEWAY", "SECRET"))
except KeyError:
    sys.exit("set PARK, GATEWAY and SECRET")

# Readings kept while the link is away; beyond it the oldest goes. Keep them on a disk if a power cut must not lose them.
CAPACITY = 100_000
# The service takes up to 1,000 items and 256 KiB in one message.
ITEMS_PER_MESSAGE = 200
STATUS = f"parks/{PARK}/gateways/{GATEWAY}/status"
REJECTIONS = f"parks/{PARK}/gateways/{GATEWAY}/rejections"

buffer = collections.deque(maxlen=CAPACITY)  # (topic, item) that are not on their way, the oldest first
in_flight = []  # what the service has not acknowledged; sent again when the link comes back
input_ended = threading.Event()


def say(*words):
    print(*words, flush=True)


def read_input():
    """Buffers what the input says."""
    try:
        for line in filter(str.strip, sys.stdin):
            # A reading has the time at which it was measured, not the time at which the link came back.
            item = {"ts": round(time.time() * 1000), **json.loads(line)}
            buffer.append((f"parks/{PARK}/{item.pop('domain')}/{item.pop('device')}/readings", item))
    finally:
        input_ended.set()


def take_message():
    """Moves the oldest readings that share a topic from the buffer to `in_flight`."""
    while buffer and len(in_flight) < ITEMS_PER_MESSAGE and (not in_flight or buffer[0][0] == in_flight[0][0]):
        in_flight.append(buffer.popleft())


def serve(link):
    """Sends what is buffered, in order, one message at a time, until the input has ended and all is acknowledged."""
    link.subscribe(REJECTIONS)
    link.publish(STATUS, {"online": True, "ts": round(time.time() * 1000)}, retain=True)
    awaited = None
    while True:
        if awaited is None:
            ended = input_ended.is_set()
            take_message()
            if in_flight:
                awaited = link.publish(in_flight[0][0], [item for _, item in in_flight])
            elif ended:
                link.publish(STATUS, {"online": False, "ts": round(time.time() * 1000)}, retain=True)
                return link.send(DISCONNECT)
        first, body = link.receive(0.1) or (0, b"")
        if first == PUBACK and body == awaited:  # the service has it on disk
            say("acknowledged", len(in_flight))
            in_flight.clear()
            awaited = None
        elif first & 0xF0 == PUBLISH:
            # A bad item never spoils the good ones beside it: the message is acknowledged, this says what was not taken.
            say("rejected", link.answer(first, body).decode())
        link.keep_alive()


threading.Thread(target=read_input, daemon=True).start()
while True:
    try:
        link = Link(MQTT_URL, GATEWAY, SECRET, STATUS, {"online": False})
        with link.socket:
            say("link up")
            serve(link)
        break
    except SignInRefused:
        sys.exit("the service does not take this gateway and secret")
    except OSError as error:
        say("link away:", error)
        time.sleep(1)
say("done")

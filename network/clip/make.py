"""Makes the clip of the class network: two workers that share a core, in eight seconds.

    python3 -m venv venv && venv/bin/pip install imageio-ffmpeg==0.8.1 pillow==13.0.0
    venv/bin/python network/clip/make.py

The picture is drawn here; ffmpeg encodes it as H.264 in an MP4 file whose index comes first, so that a player can begin
before it has all. As sites do, there is one stream with the picture alone, and a smaller one with a tone for each worker.
"""

import math
import pathlib
import random
import struct
import subprocess
import tempfile
import wave

import imageio_ffmpeg
from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT, RATE, SECONDS = 640, 360, 25, 8
INK, PAPER, GRID = (38, 50, 56), (250, 250, 248), (222, 226, 228)
LANES = [("Thread-1", (33, 118, 174)), ("Thread-2", (200, 92, 44))]
LEFT, RIGHT = 130, WIDTH - 30


def font(size):
    return ImageFont.load_default(size)


def slices():
    """Turns of uneven length, one lane after the other, until the time is over."""
    dice = random.Random(4)
    start, lane, turns = 0.0, 0, []
    while start < SECONDS - 1:
        end = min(start + dice.uniform(0.15, 0.6), SECONDS - 1)
        turns.append((lane, start, end))
        start, lane = end, 1 - lane
    return turns


def place(second):
    return LEFT + (RIGHT - LEFT) * second / (SECONDS - 1)


def frame(now, turns):
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(image)
    draw.text((LEFT, 24), "Two threads, one core", INK, font(28))
    for second in range(SECONDS):
        x = place(second)
        draw.line([(x, 90), (x, 250)], GRID, 1)
        draw.text((x, 256), f"{second} s", INK, font(14), anchor="mt")
    for lane, (name, colour) in enumerate(LANES):
        y = 100 + 80 * lane
        draw.text((LEFT - 14, y + 28), name, colour, font(20), anchor="rm")
        for owner, start, end in turns:
            if owner == lane and start < now:
                draw.rectangle([place(start), y, place(min(end, now)), y + 56], colour)
    x = place(min(now, SECONDS - 1))
    draw.line([(x, 84), (x, 256)], INK, 2)
    count = int(1000 * min(now, SECONDS - 1) / (SECONDS - 1))
    draw.text((LEFT, 300), f"counter = {count}", INK, font(24))
    for spoke in range(12):
        angle = 2 * math.pi * (spoke / 12 + now / 2)
        shade = 60 + 14 * spoke
        at = (WIDTH - 70 + 24 * math.cos(angle), 312 + 24 * math.sin(angle))
        draw.ellipse([at[0] - 4, at[1] - 4, at[0] + 4, at[1] + 4], (shade, shade, shade))
    return image.tobytes()


def write_tones(path, turns):
    """A tone for as long as a turn lasts, lower for the second worker."""
    rate = 16000
    samples = [0.0] * (rate * SECONDS)
    for lane, start, end in turns:
        first, last = int(start * rate), int(end * rate)
        for at in range(first, last):
            edge = min(at - first, last - at, 160) / 160
            samples[at] = 0.2 * edge * math.sin(2 * math.pi * (440, 330)[lane] * at / rate)
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(b"".join(struct.pack("<h", int(32767 * sample)) for sample in samples))


def encode(name, frames, extra):
    output = pathlib.Path(__file__).with_name(name)
    subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-loglevel", "error"]
        + ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(RATE), "-i", "-"]
        + extra
        + ["-c:v", "libx264", "-profile:v", "main", "-pix_fmt", "yuv420p", "-g", "25", "-threads", "1"]
        + ["-movflags", "+faststart", "-fflags", "+bitexact", "-flags:v", "+bitexact", str(output)],
        input=frames,
        check=True,
    )
    print(f"{output}: {output.stat().st_size} bytes")


def main():
    turns = slices()
    frames = b"".join(frame(number / RATE, turns) for number in range(RATE * SECONDS))
    encode("picture.mp4", frames, ["-crf", "14"])
    with tempfile.TemporaryDirectory() as folder:
        tones = pathlib.Path(folder, "tones.wav")
        write_tones(tones, turns)
        encode("small.mp4", frames, ["-i", str(tones), "-vf", "scale=320:180", "-crf", "26", "-c:a", "aac", "-b:a", "32k", "-flags:a", "+bitexact"])


main()

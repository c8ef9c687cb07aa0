"""Opens an exported page in a browser without any network: page.py PAGE SCREENSHOTS [PICTURE...].

Prints as JSON the page's requests and errors; its look in the light scheme, in the dark scheme and on paper; and how much
each picture in its Markdown differs from its own PICTURE file and from the next one.
"""

import base64
import json
import pathlib
import sys

from browser.chromium import SIZE, Tab, browser

MEDIA = {
    "light": {"media": "screen", "color_scheme": "light"},
    "dark": {"media": "screen", "color_scheme": "dark"},
    "paper": {"media": "print", "color_scheme": "light"},
}

LOOK = """() => {
    const { color, backgroundColor } = getComputedStyle(document.body);
    const main = document.querySelector('main');
    const hides = element => ['hidden', 'clip', 'auto', 'scroll'].includes(getComputedStyle(element).overflowX)
        && element.scrollWidth > element.clientWidth + 1;
    return {
        text: color,
        background: backgroundColor,
        loaded: [...document.images].map(image => image.complete && image.naturalWidth > 0),
        wide: document.documentElement.scrollWidth,
        blocks: [...main.querySelectorAll('pre')].filter(pre => pre.checkVisibility()).length,
        cut: [...main.querySelectorAll('.shown, .shown *')].filter(hides).map(element => element.textContent.slice(0, 60)),
    };
}"""

# The rectangle of a picture on the page, without border and padding.
CONTENT = """image => {
    const { left, top } = image.getBoundingClientRect();
    const side = name => parseFloat(getComputedStyle(image)[name]);
    return {
        x: left + scrollX + side('borderLeftWidth') + side('paddingLeft'),
        y: top + scrollY + side('borderTopWidth') + side('paddingTop'),
        width: image.clientWidth - side('paddingLeft') - side('paddingRight'),
        height: image.clientHeight - side('paddingTop') - side('paddingBottom'),
    };
}"""

# The mean difference of two pictures over the three colours, from 0 to 255. Both are drawn in the size of the first.
DIFFERENCE = """async ([first, second]) => {
    const load = async address => {
        const image = new Image();
        image.src = address;
        await image.decode();
        return image;
    };
    const images = [await load(first), await load(second)];
    const { naturalWidth: width, naturalHeight: height } = images[0];
    const [left, right] = images.map(image => {
        const context = new OffscreenCanvas(width, height).getContext('2d');
        context.fillStyle = 'white';
        context.fillRect(0, 0, width, height);
        context.imageSmoothingQuality = 'high';
        context.drawImage(image, 0, 0, width, height);
        return context.getImageData(0, 0, width, height).data;
    });
    let sum = 0;
    left.forEach((value, index) => sum += Math.abs(value - right[index]));
    return sum / (width * height * 3);
}"""


def look(page, name, screenshots):
    """Returns how the page looks in each of the media; saves screenshots and a PDF."""
    looks = {}
    for medium, options in MEDIA.items():
        page.emulate_media(**options)
        looks[medium] = page.evaluate(LOOK)
        page.screenshot(path=screenshots / f"page-{name}-{medium}.png", full_page=True)
    page.pdf(path=screenshots / f"page-{name}.pdf")
    return looks


def differences(page, blank, pictures, screenshots):
    """Returns how much each picture differs from its file and from the next one; saves screenshots of the pictures."""
    page.emulate_media(**MEDIA["light"])
    files = [address(pathlib.Path(picture).read_bytes()) for picture in pictures]
    found = []
    for index, image in enumerate(page.locator("main .prose img").all()):
        path = screenshots / f"page-{pathlib.Path(pictures[index]).stem}.png"
        shown = address(page.screenshot(path=path, clip=image.evaluate(CONTENT), full_page=True))
        others = files[index], files[(index + 1) % len(files)]
        found.append([blank.evaluate(DIFFERENCE, [shown, other]) for other in others])
    return found


def address(png):
    return "data:image/png;base64," + base64.b64encode(png).decode()


def main(path, screenshots, *pictures):
    path, screenshots = pathlib.Path(path), pathlib.Path(screenshots)
    with browser() as chromium:
        tab = Tab(chromium)
        tab.page.goto(path.as_uri())
        shown = {
            "looks": look(tab.page, path.stem, screenshots),
            "differences": differences(tab.page, Tab(chromium).page, pictures, screenshots) if pictures else [],
            "requests": [url for url in tab.requests if not url.startswith(("data:", "blob:"))],
            "address": path.as_uri(),
            "width": SIZE["width"],
        }
        print(json.dumps({**shown, **tab.report()}))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Show what a real LibreOffice Calc calculates; run by Debian's Python, which has its bridge (python3-uno).

Arguments: soffice, a folder for its profile, and a JSON list of cells and what is typed in them. Prints what is shown.
"""

import json
import subprocess
import sys
import threading
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException

ATTEMPTS, BETWEEN_S = 300, 0.2


def main(soffice, profile, cells):
    name = f"qpv-geo-{Path(profile).parent.name}"
    at = Path(profile).absolute().as_uri()
    office = subprocess.Popen(
        [soffice, f"-env:UserInstallation={at}", "--headless", "--norestore", f"--accept=pipe,name={name};urp;"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        desktop = connect(office, name)
        document = desktop.loadComponentFromURL("private:factory/scalc", "_blank", 0, (hidden(),))
        sheet = document.Sheets.getByIndex(0)
        for cell, typed in cells:
            sheet.getCellRangeByName(cell).Formula = typed
        document.calculateAll()
        json.dump({cell: sheet.getCellRangeByName(cell).String for cell, _ in cells}, sys.stdout)
    finally:
        office.terminate()
        office.wait(30)


def connect(office, name):
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    looks = threading.Event()
    for _ in range(ATTEMPTS):
        try:
            context = resolver.resolve(f"uno:pipe,name={name};urp;StarOffice.ComponentContext")
        except NoConnectException:
            assert office.poll() is None, "LibreOffice ended"
            looks.wait(BETWEEN_S)
        else:
            return context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
    sys.exit("LibreOffice did not answer")


def hidden():
    found = PropertyValue()
    found.Name, found.Value = "Hidden", True
    return found


main(sys.argv[1], sys.argv[2], json.loads(sys.argv[3]))

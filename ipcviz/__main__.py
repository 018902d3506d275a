"""`python -m ipcviz` is `ipcviz`."""

from ipcviz.cli import main

if __name__ == "__main__":
    main()

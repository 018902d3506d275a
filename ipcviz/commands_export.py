"""The command `ipcviz export`: a recording as a file that other programs read."""

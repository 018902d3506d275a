"""Read-only questions to the kernel: nothing here reads a channel's data or keeps an end open."""

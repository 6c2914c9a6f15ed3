"""`python3 -m deploy.setup COMMAND [ARGUMENT...]`: what the Makefile's targets do."""

import sys

OLDEST = (3, 11)


def main() -> int:
    if sys.version_info < OLDEST:
        sys.stderr.write("Isocenter needs Python 3.11 or newer; python3 here is %d.%d.\n" % sys.version_info[:2])  # noqa: UP031
        return 1
    from deploy.setup import commands

    return commands.run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())

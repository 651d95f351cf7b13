"""`python -m lossadvisor`."""

from lossadvisor.cli.main import main

if __name__ == "__main__":
    main()

from dyncontent.cli import main

main()

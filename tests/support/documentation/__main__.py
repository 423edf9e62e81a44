from tests.support.documentation.pages import main

main()

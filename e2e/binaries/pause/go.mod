module loraoperator.io/e2e/binaries/pause

go 1.25.0

# A script that serves: it lives until it is told to stop, and stops its nodes in order.
BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    $folder = New-TemporaryFolder

    # A process with nothing on its standard input that serves, and says when it does and what was so when the wait was over.
    function Start-Server([string] $Arguments) {
        $script = @"
`$ErrorActionPreference = 'Stop'
Import-Module '$($ManifestPath.Replace("'", "''"))'
`$node = Start-BitswapNode -Path '$folder/repository'
`$node.Addresses[0]
Wait-BitswapNode `$node -Verbose $Arguments
"running: `$(`$node.IsRunning)"
"@
        $start = New-SignalledStart '-NoProfile', '-NonInteractive', '-Command', $script
        $start.RedirectStandardError = $true
        $process = [Diagnostics.Process]::Start($start)
        $process.StandardInput.Close()
        $process
    }

    function Wait-Server([Diagnostics.Process] $Process) {
        try {
            $Process.WaitForExit(60000) | Should -BeTrue -Because 'it was told to stop'
            ($Process.StandardOutput.ReadToEnd() -split '\r?\n' -ne '')[-1] | Should -Be 'running: False'
            $Process.ExitCode | Should -Be 0
        }
        finally {
            if (-not $Process.HasExited) { $Process.Kill() }
            $Process.Dispose()
        }

        # its lock is gone, and its store is whole
        Start-BitswapNode -Path "$folder/repository" | Stop-BitswapNode
    }
}
AfterAll { Remove-Item -LiteralPath $folder -Recurse -Force }

Describe 'Wait-BitswapNode' {
    AfterEach { Clear-Nodes }

    It 'serves without a standard input until the signal <_>' -Skip:$IsWindows -ForEach 'TERM', 'HUP' {
        $server = Start-Server
        $address = $server.StandardOutput.ReadLine()
        # from when it says so, it hears signals
        $server.StandardOutput.ReadLine() | Should -BeLike '*Waiting until *'
        $client = Start-BitswapNode
        (Connect-BitswapPeer $address -Node $client).Address | Should -Be $address
        $server.HasExited | Should -BeFalse
        & kill "-$_" $server.Id
        Wait-Server $server
    }

    It 'ends when its file appears, and removes it' {
        $file = Join-Path $folder 'stop it [1]'
        $server = Start-Server "-StopFile '$file'"
        $server.StandardOutput.ReadLine() | Should -Match '^/ip4/'
        [IO.File]::WriteAllText($file, '')
        Wait-Server $server
        Test-Path -LiteralPath $file | Should -BeFalse
    }

    It 'ends by a file that is there, at its time, and when its nodes have stopped' {
        [IO.File]::WriteAllText("$folder/there", '')
        $nodes = 'north', 'south' | ForEach-Object { Start-BitswapNode $_ }
        $nodes | Wait-BitswapNode -StopFile "$folder/there"
        $nodes.IsRunning | Should -Be $false, $false
        $node = Start-BitswapNode
        Wait-BitswapNode -TimeoutSeconds 0.05
        $node.IsRunning | Should -BeFalse

        $node = Start-BitswapNode
        $shell = New-ModuleRunspace
        try {
            $waiting = $shell.AddCommand('Wait-BitswapNode').AddParameter('Node', $node).BeginInvoke()
            $node | Stop-BitswapNode
            $waiting.AsyncWaitHandle.WaitOne(30000) | Should -BeTrue
        }
        finally {
            $shell.Runspace.Dispose()
            $shell.Dispose()
        }
    }

    It 'stops its nodes when it is stopped itself, as by Ctrl+C' {
        $node = Start-BitswapNode
        $shell = New-ModuleRunspace
        try {
            $null = $shell.AddScript('param($node) Wait-BitswapNode $node -Verbose').AddArgument($node).BeginInvoke()
            Wait-Until { $shell.Streams.Verbose.Count }
            Stop-Shell $shell
            $node.IsRunning | Should -BeFalse
        }
        finally {
            $shell.Runspace.Dispose()
            $shell.Dispose()
        }
    }

    It 'needs a node that runs' {
        (Get-Failure { Wait-BitswapNode }).FullyQualifiedErrorId | Should -BeLike 'NoNode,*'
    }
}

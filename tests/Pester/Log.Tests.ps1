# What Start-BitswapNode -LogPath writes. How files roll and what may stand in a line is held by LogFileTests of Bitswap.Node.Tests.
BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    $folder = New-TemporaryFolder
    $log = Join-Path $folder 'node.log'
    $line = '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (Trace|Debug|Information|Warning|Error|Critical) \d+ \S'
}
AfterAll {
    Clear-Nodes
    Remove-Item -LiteralPath $folder -Recurse -Force
}

Describe 'Start-BitswapNode -LogPath' {
    AfterEach {
        Clear-Nodes
        Get-ChildItem -LiteralPath $folder | Remove-Item
    }

    It 'logs from the start to the end of the node: time, level, number and message' {
        $node = Start-BitswapNode -LogPath $log
        $node | Stop-BitswapNode
        $lines = Get-Content -LiteralPath $log
        $lines | Should -Match $line
        @($lines -match "^\S+ Information 1001 Node $($node.PeerId) listens").Count | Should -Be 1
        $lines[-1] | Should -Match "^\S+ Information 1002 Node $($node.PeerId) stopped"
        [DateTimeOffset]::UtcNow - [DateTimeOffset]::Parse(($lines[0] -split ' ')[0]) | Should -BeLessThan ([TimeSpan]::FromMinutes(10))
    }

    It 'logs as much as -LogLevel says' {
        $quiet = Join-Path $folder 'quiet.log'
        $pair = [pscustomobject]@{ Provider = Start-BitswapNode -LogPath $quiet -LogLevel Warning; Client = Start-BitswapNode -LogPath $log -LogLevel Debug }
        $block = 'logged' | Add-BitswapBlock -Node $pair.Provider
        $null = Connect-BitswapPeer $pair.Provider -Node $pair.Client
        $null = Get-BitswapBlock $block.Cid -Node $pair.Client
        Clear-Nodes
        # wanted, asked, answered
        foreach ($id in 1024, 1026, 1027) { Get-Content -LiteralPath $log | Where-Object { $_ -match " Debug $id " } | Should -Not -BeNullOrEmpty }
        Get-Content -LiteralPath $quiet | Should -BeNullOrEmpty
    }

    It 'adds to what is there, and may be given by a relative path' {
        Set-Content -LiteralPath $log 'first'
        Push-Location -LiteralPath $folder
        try { Start-BitswapNode -LogPath node.log | Stop-BitswapNode } finally { Pop-Location }
        (Get-Content -LiteralPath $log)[0] | Should -Be 'first'
        (Get-Content -LiteralPath $log).Count | Should -BeGreaterThan 2
    }

    It 'begins another file when one is full, and keeps as many as it is told' {
        $node = Start-BitswapNode -LogPath $log -LogLevel Trace -Option @{ MaxLogFileBytes = 64KB; MaxLogFiles = 2 }
        1..3000 | ForEach-Object { New-UnknownCid } | Start-BitswapWant -Node $node | Stop-BitswapWant
        $node | Stop-BitswapNode
        (Get-ChildItem -LiteralPath $folder).Name | Should -HaveCount 2
        Get-ChildItem -LiteralPath $folder | ForEach-Object Length | Should -BeLessThan 80KB
    }

    It 'is refused where it cannot be written, and starts no node: <What>' -ForEach @(
        @{ What = 'a folder that is not there'; Path = 'none/node.log' }
        @{ What = 'a folder'; Path = '.' }
    ) {
        $failure = Get-Failure { Start-BitswapNode -Name logs -LogPath (Join-Path $folder $Path) }
        $failure.FullyQualifiedErrorId | Should -Be 'LogFailed,Bitswap.Commands.StartBitswapNodeCommand'
        $failure.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        Get-BitswapNode | Should -BeNullOrEmpty
        Start-BitswapNode -Name logs | Should -Not -BeNullOrEmpty
    }

    It 'names a file where a folder is given' {
        $failure = Get-Failure { Start-BitswapNode -LogPath $folder }
        "$failure" | Should -Be "'$folder' is a folder, and a log is a file."
        $failure.ErrorDetails.RecommendedAction | Should -Be "Name a file in it, such as '$(Join-Path $folder node.log)'."
    }

    It 'is asked for where -LogLevel is given alone' {
        $failure = Get-Failure { Start-BitswapNode -LogLevel Debug }
        $failure.FullyQualifiedErrorId | Should -Be 'InvalidOption,Bitswap.Commands.StartBitswapNodeCommand'
        "$failure" | Should -Be '-LogLevel Debug is the level of a log, and the node has no log file.'
        $failure.ErrorDetails.RecommendedAction | Should -BeLike '*-LogPath*'
        Get-BitswapNode | Should -BeNullOrEmpty
        # a repository may remember the file
        Start-BitswapNode -Path "$folder/repository" -LogPath $log -Save | Stop-BitswapNode
        Start-BitswapNode -Path "$folder/repository" -LogLevel Debug | Stop-BitswapNode
        Remove-Item -LiteralPath "$folder/repository" -Recurse -Force
    }

    It 'leaves the file free where the node does not start' {
        (Get-Failure { Start-BitswapNode -LogPath $log -Option @{ InboxCapacity = 1 } }).FullyQualifiedErrorId | Should -Match '^InvalidOption,'
        (Get-Failure { Start-BitswapNode -LogPath $log -BlockStore (Join-Path $folder none) }).FullyQualifiedErrorId | Should -Match '^StoreNotFound,'
        [IO.File]::Open($log, 'Open', 'ReadWrite', 'None').Dispose()
    }

    It 'is closed when the module is removed, with the last line in it' {
        $shell = New-ModuleRunspace
        $null = $shell.AddScript("Start-BitswapNode -LogPath '$log'; Remove-Module Bitswap -WarningAction SilentlyContinue").Invoke()
        $shell.Runspace.Dispose()
        [IO.File]::Open($log, 'Open', 'ReadWrite', 'None').Dispose()
        (Get-Content -LiteralPath $log)[-1] | Should -Match ' Information 1002 '
    }
}

Describe 'The library that writes logs' {
    It 'is loaded when a log is asked for, and not before' {
        $script = "Import-Module '$ManifestPath'; function Find { @([AppDomain]::CurrentDomain.GetAssemblies() | Where-Object FullName -Like 'Serilog*').Count }"
        $script += "; Start-BitswapNode | Stop-BitswapNode; Find; Start-BitswapNode -LogPath '$log' | Stop-BitswapNode; Find"
        & $PowerShellHost.FilePath @($PowerShellHost.ArgumentList) -NoProfile -NonInteractive -Command $script | Should -Be 0, 2
    }
}

BeforeAll {
    . "$PSScriptRoot/Common.ps1"

    # Runs rounds of a script in a PowerShell of its own, whose temporary folder is its own too, and tells what each round left behind.
    function Measure-Leftover {
        param([string] $Round, [int] $Rounds = 4)

        $temporary = New-TemporaryFolder
        $folder = New-TemporaryFolder
        $file = Join-Path $folder 'Rounds.ps1'
        Set-Content -LiteralPath $file -Value @"
`$ErrorActionPreference = 'Stop'
# the warning of nodes that stop with their module would stand before the JSON
`$WarningPreference = 'SilentlyContinue'
. '$PSScriptRoot/Common.ps1'
`$folder = '$folder'
`$weak = [Collections.Generic.List[WeakReference]]::new()
function Measure-Now {
    [GC]::Collect(); [GC]::WaitForPendingFinalizers(); [GC]::Collect()
    `$process = [Diagnostics.Process]::GetCurrentProcess()
    [pscustomobject]@{
        Sockets   = if (`$IsLinux) { @([IO.Directory]::GetFileSystemEntries('/proc/self/fd') | ForEach-Object { try { [IO.File]::ResolveLinkTarget(`$_, `$false).Name } catch [IO.IOException] { } } | Where-Object { `$_ -like 'socket:*' }).Count } else { 0 }
        # the pool keeps threads for a while that are nobody's any more
        Threads   = `$process.Threads.Count - [Threading.ThreadPool]::ThreadCount
        Locks     = @(Get-ChildItem -LiteralPath `$folder -Recurse -Force -Filter *.lock | Where-Object { try { `$_.Open('Open', 'ReadWrite', 'None').Dispose(); `$false } catch { `$true } }).Count
        Temporary = @(Get-ChildItem -LiteralPath ([IO.Path]::GetTempPath()) -Recurse -Force -File | Where-Object Name -Match 'bitswap').Count + @(Get-ChildItem -LiteralPath `$folder -Recurse -Force -Filter *.tmp*).Count
        Nodes     = @([Bitswap.BitswapNode].Assembly.GetType('Bitswap.Nodes.NodeRegistry').GetProperty('Running').GetValue(`$null)).Count
    }
}
function Invoke-Round { $Round }
# the first ones warm up: what .NET and PowerShell keep for good they take then
1..2 | ForEach-Object { Invoke-Round | Out-Null }
`$before = Measure-Now
1..$Rounds | ForEach-Object { Invoke-Round | Out-Null }
# what ends a moment later is given that moment
`$limit = [Diagnostics.Stopwatch]::StartNew()
do { `$after = Measure-Now } while ((`$after.Sockets -gt `$before.Sockets -or `$after.Threads -gt `$before.Threads -or `$after.Nodes) -and `$limit.Elapsed.TotalSeconds -lt 10)
[pscustomobject]@{ Before = `$before; After = `$after; Alive = @(`$weak | Where-Object IsAlive).Count; Watched = `$weak.Count } | ConvertTo-Json
"@
        try {
            $start = [Diagnostics.ProcessStartInfo]::new($PowerShellHost.FilePath)
            @($PowerShellHost.ArgumentList) + @('-NoProfile', '-NonInteractive', '-File', $file) | ForEach-Object { $start.ArgumentList.Add($_) }
            $start.Environment['TMPDIR'] = $start.Environment['TEMP'] = $start.Environment['TMP'] = $temporary
            $start.RedirectStandardOutput = $start.RedirectStandardError = $true
            $process = [Diagnostics.Process]::Start($start)
            $errors = $process.StandardError.ReadToEndAsync()
            $text = $process.StandardOutput.ReadToEnd()
            $process.WaitForExit()
            if ($process.ExitCode -ne 0) { throw "$text $($errors.Result)" }
            $result = $text | ConvertFrom-Json
            # and what the process itself left when it had exited
            $result | Add-Member Left @(Get-ChildItem -LiteralPath $temporary -Recurse -Force -File | Where-Object Name -Match 'bitswap').Name -PassThru
        }
        finally {
            Remove-Item -LiteralPath $folder, $temporary -Recurse -Force
        }
    }

    function Assert-NothingLeft {
        param($Result)

        $text = $Result | ConvertTo-Json -Compress
        $Result.After.Sockets | Should -BeLessOrEqual $Result.Before.Sockets -Because $text
        $Result.After.Threads | Should -BeLessOrEqual ($Result.Before.Threads + 1) -Because $text
        $Result.After.Locks | Should -Be 0 -Because $text
        $Result.After.Temporary | Should -Be 0 -Because $text
        $Result.After.Nodes | Should -Be 0 -Because $text
        $Result.Left | Should -BeNullOrEmpty
    }
}

Describe 'Nothing is left' {
    It 'of a module that was removed and imported again, with nodes that ran' {
        Assert-NothingLeft (Measure-Leftover @'
    Import-Module $ManifestPath -Force
    $a = Start-BitswapNode -Path "$folder/a"
    $b = Start-BitswapNode
    $null = Connect-BitswapPeer $a -Node $b
    "round $([guid]::NewGuid())" | Add-BitswapBlock -Node $a | Get-BitswapBlock -Node $b
    Import-Module $ManifestPath -Force
    $c = Start-BitswapNode
    Remove-Module Bitswap
'@)
    }

    It 'of a runspace that was closed, with nodes that ran' {
        Assert-NothingLeft (Measure-Leftover @'
    $shell = New-ModuleRunspace
    $null = $shell.AddScript("Start-BitswapNode -Path '$folder/b'; Start-BitswapNode | Connect-BitswapPeer -Node node1").Invoke()
    $shell.Runspace.Dispose()
    $shell.Dispose()
'@)
    }

    It 'of a pipeline that was killed' {
        Assert-NothingLeft (Measure-Leftover @'
    $node = Start-BitswapNode
    $other = Start-BitswapNode -Peer $node
    Wait-Until { $other.Peers.Count -eq 1 }
    $node | Stop-BitswapNode
    $shell = New-ModuleRunspace
    $running = $shell.AddScript('param($node) 1..50 | ForEach-Object { (Get-BitswapCid "$_ $([guid]::NewGuid())").Cid } | Get-BitswapBlock -Node $node -TimeoutSeconds 600').AddArgument($other).BeginInvoke()
    Wait-Until { Get-BitswapWantlist -Node $other }
    $shell.Stop()
    $shell.Runspace.Dispose()
    $shell.Dispose()
    Wait-Until { -not (Get-BitswapWantlist -Node $other) }
    $other | Stop-BitswapNode
'@)
    }

    It 'of a test network with many nodes' {
        Assert-NothingLeft (Measure-Leftover @'
    $network = New-BitswapTestNetwork -LatencyMilliseconds 1 -Loss 0.05
    $nodes = 1..20 | ForEach-Object { Start-BitswapNode -Network $network }
    $nodes | Select-Object -Skip 1 | ForEach-Object { $null = Connect-BitswapPeer $nodes[0] -Node $_ }
    $blocks = 1..10 | ForEach-Object { "$_ $([guid]::NewGuid())" } | Add-BitswapBlock -Node $nodes[0]
    $null = $blocks | Start-BitswapWant -Node $nodes[1]
    $network.Dispose()
'@)
    }

    It 'of nodes that stopped: nothing holds on to them' {
        $result = Measure-Leftover @'
    & {
        $a = Start-BitswapNode
        $b = Start-BitswapNode
        $null = Connect-BitswapPeer $a -Node $b
        "x $([guid]::NewGuid())" | Add-BitswapBlock -Node $a | Get-BitswapBlock -Node $b | Out-Null
        $weak.Add([WeakReference]::new($a)); $weak.Add([WeakReference]::new($b))
        $a, $b | Stop-BitswapNode
    }
'@ -Rounds 6
        Assert-NothingLeft $result
        $result.Watched | Should -Be 16
        # PowerShell itself may hold the last ones, as what a pipeline gave out last
        $result.Alive | Should -BeLessOrEqual 4
    }
}

Describe 'A background runspace' {
    It 'uses a node that another started, and leaves it running' {
        $node = Start-BitswapNode
        $block = 'for the background' | Add-BitswapBlock -Node $node
        $shell = New-ModuleRunspace
        try {
            $running = $shell.AddScript('param($node, $cid) $cid | Get-BitswapBlock -Node $node -AsString').AddArgument($node).AddArgument($block.Cid).BeginInvoke()
            $shell.EndInvoke($running) | Should -Be 'for the background'
        }
        finally {
            $shell.Runspace.Dispose()
            $shell.Dispose()
        }

        $node.IsRunning | Should -BeTrue
        Clear-Nodes
    }
}

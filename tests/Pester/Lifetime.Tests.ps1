BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    $linux = $IsLinux
}
AfterAll { Clear-Nodes }

Describe 'A node ends' {
    AfterEach {
        Import-Module $ManifestPath
        Clear-Nodes
    }

    It 'with Remove-Module' {
        $before = if ($linux) { Get-ListenerCount }
        $node = Start-BitswapNode
        if ($linux) { Get-ListenerCount | Should -Be ($before + 1) }
        Remove-Module Bitswap
        $node.IsRunning | Should -BeFalse
        if ($linux) { Get-ListenerCount | Should -Be $before }
    }

    It 'with Import-Module -Force' {
        $node = Start-BitswapNode
        Import-Module $ManifestPath -Force
        $node.IsRunning | Should -BeFalse
        (Start-BitswapNode).IsRunning | Should -BeTrue
    }

    It 'with the runspace that started it, and no other does' {
        $mine = Start-BitswapNode
        $shell = New-ModuleRunspace
        $node = $shell.AddScript('Start-BitswapNode').Invoke()[0]
        $node.IsRunning | Should -BeTrue
        $shell.Runspace.Close()
        Wait-Until { -not $node.IsRunning } -Because 'the node outlived its runspace'
        $mine.IsRunning | Should -BeTrue
        $shell.Dispose()
    }

    It 'but not when another runspace removes the module' {
        $mine = Start-BitswapNode
        $shell = New-ModuleRunspace
        $null = $shell.AddScript('Remove-Module Bitswap').Invoke()
        $shell.Runspace.Dispose()
        $shell.Dispose()
        $mine.IsRunning | Should -BeTrue
        'still here' | Add-BitswapBlock | Get-BitswapBlock -AsString | Should -Be 'still here'
    }

    It 'and frees its repository' {
        $folder = New-TemporaryFolder
        try {
            foreach ($round in 1..3) {
                $null = Start-BitswapNode -Path $folder
                Import-Module $ManifestPath -Force
            }

            Get-BitswapNode | Should -BeNullOrEmpty
        }
        finally {
            Remove-Item -LiteralPath $folder -Recurse -Force
        }
    }
}

Describe 'A pipeline that waits' {
    BeforeAll {
        # a node that is told to keep a peer waits for it, so a fetch of what nobody has goes on until it is stopped
        $dead = Start-BitswapNode
        $node = Start-BitswapNode -Peer $dead
        Wait-Until { $node.Peers.Count -eq 1 }
        Stop-BitswapNode $dead
        Wait-Until { $node.Peers.Count -eq 0 }
    }
    AfterAll { Clear-Nodes }

    It 'stops on $ps.Stop(): <what>' -ForEach @(
        @{ what = 'Get-BitswapBlock'; script = { param($node, $cid) Get-BitswapBlock $cid -Node $node -TimeoutSeconds 60 } }
        @{ what = 'many through Get-BitswapBlock'; script = { param($node, $cid) 1..500 | ForEach-Object { (Get-BitswapCid "$_").Cid } | & { process { $_ } end { $cid } } | Get-BitswapBlock -Node $node -TimeoutSeconds 60 -ThrottleLimit 1000 } }
        @{ what = 'Wait-BitswapWant'; script = { param($node, $cid) $cid | Start-BitswapWant -Node $node | Wait-BitswapWant } }
        @{ what = 'Test-BitswapPeer'; script = { param($node, $cid) $null = $cid | Start-BitswapWant -Node $node; Test-BitswapPeer $node -Node $node -Count 100 -Delay 5 } }
    ) {
        $cid = New-UnknownCid
        $shell = New-ModuleRunspace
        try {
            $null = $shell.AddScript("$script").AddArgument($node).AddArgument($cid).BeginInvoke()
            Wait-Until { Get-BitswapWantlist -Node $node | Where-Object Cid -EQ $cid }
            Stop-Shell $shell
            "$($shell.InvocationStateInfo.State)" | Should -Be 'Stopped'
        }
        finally {
            $shell.Runspace.Dispose()
            $shell.Dispose()
        }

        # what Start-BitswapWant began is meant to outlive the pipeline; what Get-BitswapBlock began is not
        if ($what -like '*Get-BitswapBlock') {
            Wait-Until { -not (Get-BitswapWantlist -Node $node) } -Because 'wants outlived their pipeline'
        }
        else {
            Stop-BitswapWant -Cid $cid -Node $node -Force
        }
        $node.IsRunning | Should -BeTrue
    }

    It 'ends with Select-Object -First, and leaves no want' {
        $pair = New-NodePair
        $here = 1..5 | ForEach-Object { "first $_ $([guid]::NewGuid())" } | Add-BitswapBlock -Node $pair.Provider
        $wanted = @($here.Cid) + @(1..20 | ForEach-Object { New-UnknownCid })
        @($wanted | Get-BitswapBlock -Node $pair.Client -ErrorAction SilentlyContinue | Select-Object -First 2).Count | Should -Be 2
        Wait-Until { -not (Get-BitswapWantlist -Node $pair.Client) } -Because 'wants outlived Select-Object -First'
        $here[4] | Get-BitswapBlock -Node $pair.Client -AsString | Should -Match '^first 5'
    }

    It 'ends when its time is over' {
        $timer = [Diagnostics.Stopwatch]::StartNew()
        (Get-Failure { New-UnknownCid | Get-BitswapBlock -Node $node -TimeoutSeconds 0.3 -ErrorAction Stop }).FullyQualifiedErrorId | Should -Match '^Timeout,'
        $timer.Elapsed.TotalSeconds | Should -BeLessThan 5
        Get-BitswapWantlist -Node $node | Should -BeNullOrEmpty
    }

    It 'ends with NodeStopped when its node is stopped elsewhere' {
        $other = Start-BitswapNode -Peer "$($node.Addresses[0] -replace '/p2p/.*')/p2p/$((Start-BitswapNode -Seed gone | ForEach-Object { Stop-BitswapNode $_; $_ }).PeerId)"
        $cid = New-UnknownCid
        $shell = New-ModuleRunspace
        try {
            $running = $shell.AddScript('param($cid, $node) Get-BitswapBlock $cid -Node $node -TimeoutSeconds 60 -ErrorAction Stop').AddArgument($cid).AddArgument($other).BeginInvoke()
            Wait-Until { Get-BitswapWantlist -Node $other | Where-Object Cid -EQ $cid }
            Stop-BitswapNode $other
            (Get-Failure { $shell.EndInvoke($running) }).Exception.InnerException.ErrorRecord.FullyQualifiedErrorId | Should -Match '^NodeStopped,'
        }
        finally {
            $shell.Runspace.Dispose()
            $shell.Dispose()
        }
    }
}

Describe 'Other runspaces' {
    BeforeAll { $pair = New-NodePair }
    AfterAll { Clear-Nodes }

    It 'use a node through $using: in ForEach-Object -Parallel' {
        $blocks = 1..40 | ForEach-Object { "parallel $_ $([guid]::NewGuid())" } | Add-BitswapBlock -Node $pair.Provider
        $client = $pair.Client
        $manifest = $ManifestPath
        $texts = $blocks | ForEach-Object -Parallel {
            Import-Module $using:manifest
            $_ | Get-BitswapBlock -Node $using:client -AsString
        } -ThrottleLimit 4
        @($texts | Sort-Object -Unique).Count | Should -Be 40
        $client.IsRunning | Should -BeTrue
    }

    It 'use a node through $using: in Start-ThreadJob' -Skip:(-not (Get-Command Start-ThreadJob -ErrorAction Ignore)) {
        $block = "job $([guid]::NewGuid())" | Add-BitswapBlock -Node $pair.Provider
        $client = $pair.Client
        $manifest = $ManifestPath
        $job = Start-ThreadJob { Import-Module $using:manifest; Get-BitswapBlock ($using:block).Cid -Node $using:client -AsString }
        try {
            $job | Wait-Job -Timeout 30 | Receive-Job | Should -Match '^job'
        }
        finally {
            $job | Remove-Job -Force
        }
        $client.IsRunning | Should -BeTrue
    }
}

Describe 'Processes' {
    It 'leave no lock when they exit without a word' {
        $folder = New-TemporaryFolder
        try {
            foreach ($round in 1..2) {
                & $PowerShellHost.FilePath @($PowerShellHost.ArgumentList) -NoProfile -NonInteractive -Command "Import-Module '$ManifestPath'; `$n = Start-BitswapNode -Path '$folder'; 'kept' | Add-BitswapBlock | Out-Null; `$n.IsRunning; exit" | Should -Be 'True'
            }

            $node = Start-BitswapNode -Path $folder
            @(Get-BitswapBlock -Local -Node $node).Count | Should -Be 1
        }
        finally {
            Clear-Nodes
            Remove-Item -LiteralPath $folder -Recurse -Force
        }
    }
}

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
}
AfterAll { Clear-Nodes }

Describe 'New-BitswapTestNetwork' {
    AfterEach { if ($network) { $network.Dispose() } }

    It 'opens no socket' -Skip:(-not $IsLinux) {
        $before = Get-ListenerCount
        $network = New-BitswapTestNetwork
        $a = Start-BitswapNode -Network $network
        $b = Start-BitswapNode -Network $network
        $null = Connect-BitswapPeer $a -Node $b
        'without a socket' | Add-BitswapBlock -Node $a | Get-BitswapBlock -Node $b -AsString | Should -Be 'without a socket'
        Get-ListenerCount | Should -Be $before
    }

    It 'gives the same identities for the same seed, and others for another' {
        $ids = foreach ($seed in 3, 3, 4) {
            $network = New-BitswapTestNetwork -Seed $seed
            (Start-BitswapNode -Network $network).PeerId
            $network.Dispose()
        }

        $ids[0] | Should -Be $ids[1]
        $ids[0] | Should -Not -Be $ids[2]
        $a = New-BitswapTestNetwork
        $b = New-BitswapTestNetwork
        $a.Seed | Should -Not -Be $b.Seed
    }

    It 'takes its faults as parameters and as properties' {
        $network = New-BitswapTestNetwork 1 -LatencyMilliseconds 5 -BytesPerSecond 1MB -Loss 0.1 -Corruption 0.2
        $network.LatencyMilliseconds, $network.BytesPerSecond, $network.Loss, $network.Corruption | Should -Be 5, 1MB, 0.1, 0.2
        $network.LatencyMilliseconds = 0
        $network.Loss = 0
        $network.Corruption = 0
        $network.BytesPerSecond = 0
        { $network.Loss = 2 } | Should -Throw
        { $network.LatencyMilliseconds = -1 } | Should -Throw
        { New-BitswapTestNetwork -Loss 2 } | Should -Throw
        "$($network | Format-Table | Out-String)" | Should -Match 'no limit'
        "$network" | Should -Be 'test network 1'
    }

    It 'slows a line while it is in use, and lets go of it' {
        $network = New-BitswapTestNetwork -Seed 1
        $a = Start-BitswapNode -Network $network
        $b = Start-BitswapNode -Network $network
        $null = Connect-BitswapPeer $a -Node $b
        $network.SetLink($a, $b, @{ LatencyMilliseconds = 100 })
        (Test-BitswapPeer $a -Node $b -Count 1).Latency.TotalMilliseconds | Should -BeGreaterThan 190
        $network.ResetLink($a, $b)
        # the quickest of several: a busy machine may hold up any of them
        (Test-BitswapPeer $a -Node $b -Count 5 -Delay 0 | ForEach-Object { $_.Latency.TotalMilliseconds } | Measure-Object -Minimum).Minimum | Should -BeLessThan 190
        { $network.SetLink($a, $b, @{ Speed = 1 }) } | Should -Throw '*LatencyMilliseconds*'
        { $network.SetLink($a, $b, @{ Loss = 7 }) } | Should -Throw '*Loss*'
        $other = Start-BitswapNode
        try { { $network.SetSilent($other, $true) } | Should -Throw '*not on this network*' } finally { $other | Stop-BitswapNode }
    }

    It 'counts what it carried' {
        $network = New-BitswapTestNetwork -Seed 1
        $a = Start-BitswapNode -Network $network
        $b = Start-BitswapNode -Network $network
        $null = Connect-BitswapPeer $a -Node $b
        'counted' | Add-BitswapBlock -Node $a | Get-BitswapBlock -Node $b | Should -Not -BeNullOrEmpty
        $network.MessagesCarried | Should -BeGreaterThan 1
        $network.BytesCarried | Should -BeGreaterThan 7
        $network.MessagesLost, $network.MessagesCorrupted | Should -Be 0, 0
    }

    It 'stops its nodes when it is disposed, and takes no more' {
        $network = New-BitswapTestNetwork
        $nodes = 1..5 | ForEach-Object { Start-BitswapNode -Network $network }
        $apart = Start-BitswapNode
        $network.Nodes | Should -HaveCount 5
        $nodes[0] | Stop-BitswapNode
        $network.Nodes | Should -HaveCount 4
        $network.Dispose()
        $network.Dispose()
        $nodes.IsRunning | Should -Not -Contain $true
        $network.Nodes | Should -BeNullOrEmpty
        $apart.IsRunning | Should -BeTrue
        (Get-Failure { Start-BitswapNode -Network $network }).FullyQualifiedErrorId | Should -Match '^NetworkClosed,'
        @(Get-BitswapNode).Count | Should -Be 1
        $apart | Stop-BitswapNode
    }

    It 'is cleaned up with the module when it was forgotten' {
        $network = New-BitswapTestNetwork
        $node = Start-BitswapNode -Network $network
        Import-Module $ManifestPath -Force
        $node.IsRunning | Should -BeFalse
        $network.Nodes | Should -BeNullOrEmpty
    }

    It 'has an identity once, and keeps that of a folder or seed' {
        $network = New-BitswapTestNetwork
        $first = Start-BitswapNode -Network $network -Seed one
        (Get-Failure { Start-BitswapNode -Network $network -Seed one }).FullyQualifiedErrorId | Should -Match '^PeerIdInUse,'
        $first | Stop-BitswapNode
        (Start-BitswapNode -Network $network -Seed one).PeerId | Should -Be $first.PeerId
        $folder = New-TemporaryFolder
        try {
            $ids = 1..2 | ForEach-Object { $node = Start-BitswapNode -Network $network -Path $folder; $node.PeerId; Stop-BitswapNode $node }
            $ids[0] | Should -Be $ids[1]
        }
        finally {
            Remove-Item -LiteralPath $folder -Recurse -Force
        }
    }

    It 'does not go with -ListenAddress' {
        $network = New-BitswapTestNetwork
        { Start-BitswapNode -Network $network -ListenAddress /ip4/127.0.0.1/tcp/0 } | Should -Throw
        (Start-BitswapNode -Network $network).ListenAddress | Should -BeNullOrEmpty
    }

    It 'bears fifty nodes at once, each fetching from each' {
        $network = New-BitswapTestNetwork -Seed 50
        $nodes = 1..50 | ForEach-Object { Start-BitswapNode -Network $network }
        $hub = $nodes[0]
        $blocks = 1..49 | ForEach-Object { $null = Connect-BitswapPeer $hub -Node $nodes[$_]; "of node $_" | Add-BitswapBlock -Node $nodes[$_] }
        @($blocks.Cid | Get-BitswapBlock -Node $hub).Count | Should -Be 49
        foreach ($i in 1..49) {
            $blocks[$i % 49] | Get-BitswapBlock -Node $nodes[$i] -AsString | Should -Be "of node $($i % 49 + 1)"
        }

        $network.Dispose()
        Get-BitswapNode | Should -BeNullOrEmpty
    }
}

Describe 'The suite to copy' {
    It 'passes in a PowerShell of its own' {
        $script = @"
Import-Module '$((Get-Module Pester).Path)'
`$configuration = New-PesterConfiguration
`$configuration.Run.Path = '$ModuleRoot/docs/examples/Testing.Tests.ps1'
`$configuration.Run.PassThru = `$true
`$configuration.Output.RenderMode = 'Plaintext'
`$result = Invoke-Pester -Configuration `$configuration
"passed `$(`$result.PassedCount) failed `$(`$result.FailedCount + `$result.FailedBlocksCount + `$result.FailedContainersCount) nodes `$(@(Get-BitswapNode).Count)"
"@
        $output = & $PowerShellHost.FilePath @($PowerShellHost.ArgumentList) -NoProfile -NonInteractive -Command $script
        $output[-1] | Should -Be 'passed 8 failed 0 nodes 0' -Because ($output -join "`n")
    }
}

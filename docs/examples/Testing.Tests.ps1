<#
.SYNOPSIS
    A Pester suite to copy: tests of a script that moves data over Bitswap, without a socket, a port, a firewall or another process.
.DESCRIPTION
    New-BitswapTestNetwork makes a network in memory. Nodes that are started on it with -Network are real nodes, with the same engine, stores and
    cmdlets as any other; only the line between them is made up, and so can be made slow, lossy, deaf or cut in two, when a test says so.

    Run it with: Invoke-Pester ./Testing.Tests.ps1
#>

BeforeAll {
    # In your own suite: Import-Module Bitswap
    Import-Module (Join-Path $PSScriptRoot '../../Bitswap.psd1')

    # What is tested here. In your own suite: dot-source the script that has it.
    function Copy-Setting {
        [CmdletBinding()]
        param($From, $To, [string[]] $Text, [double] $TimeoutSeconds = 20)

        $null = Connect-BitswapPeer $From -Node $To
        $Text | Add-BitswapBlock -Node $From | Get-BitswapBlock -Node $To -AsString -TimeoutSeconds $TimeoutSeconds
    }
}

Describe 'Copy-Setting' {
    BeforeEach {
        # A seed makes a run repeatable: it gives the nodes' identities, and what befalls the first, second, ... message from one node to another. Leave
        # it out to have a new one each time; $network.Seed then tells which it was, to be written into the message of an assertion that fails.
        $network = New-BitswapTestNetwork -Seed 42
        $office = Start-BitswapNode -Network $network -Name office
        $cottage = Start-BitswapNode -Network $network -Name cottage
    }

    AfterEach {
        # One call stops all of its nodes and waits for them, whatever state a test left them in. It may be made twice. Were it forgotten, the nodes
        # would end with the module or the runspace; nothing but memory is held by them in any case.
        $network.Dispose()
    }

    It 'copies text' {
        Copy-Setting $office $cottage 'colour=blue', 'size=12' | Sort-Object | Should -Be 'colour=blue', 'size=12'
    }

    It 'copies over a slow line' {
        # Faults can be changed while nodes run. These hold for every line of the network ...
        $network.LatencyMilliseconds = 20
        $network.BytesPerSecond = 1MB
        Copy-Setting $office $cottage 'colour=blue' | Should -Be 'colour=blue'
    }

    It 'copies nothing wrong over a line that corrupts' {
        # ... and these for the line between two nodes alone. Every block is checked against its CID, so what arrives is right or does not arrive.
        $null = Connect-BitswapPeer $office -Node $cottage
        $network.SetLink($office, $cottage, @{ Corruption = 0.3 })
        $sent = 1..20 | ForEach-Object { "line $_" }
        $got = @(Copy-Setting $office $cottage $sent -TimeoutSeconds 2 -ErrorAction SilentlyContinue)
        @($got | Where-Object { $_ -notin $sent }) | Should -BeNullOrEmpty
        $network.ResetLink($office, $cottage)
        Copy-Setting $office $cottage $sent | Should -HaveCount 20
    }

    It 'fails in time, with an error that says so, when the other end falls silent' {
        # A silent node hears and never answers, as one behind a broken firewall does.
        $null = Connect-BitswapPeer $office -Node $cottage
        $network.SetSilent($office, $true)
        { Copy-Setting $office $cottage 'colour=blue' -TimeoutSeconds 0.5 -ErrorAction Stop } | Should -Throw -ErrorId 'Timeout,*'
        $network.SetSilent($office, $false)
        Copy-Setting $office $cottage 'colour=blue' | Should -Be 'colour=blue'
    }

    It 'bears a peer that says everything ten times' {
        $network.SetFlood($office, 10)
        Copy-Setting $office $cottage (1..20 | ForEach-Object { "line $_" }) | Should -HaveCount 20
    }

    It 'fails across a partition, and works when it has healed' {
        # Partition parts these nodes from all others: lines break at once, as they do when a cable is pulled, and dials fail.
        $network.Partition($office)
        { Copy-Setting $office $cottage 'colour=blue' -ErrorAction Stop } | Should -Throw -ErrorId 'PeerUnreachable,*'
        $network.Heal()
        Copy-Setting $office $cottage 'colour=blue' | Should -Be 'colour=blue'
    }

    It 'comes back by itself to a peer that is to be kept' {
        # A node that was started with -Peer dials again when the line is back.
        $loyal = Start-BitswapNode -Network $network -Peer $office
        while (-not $loyal.Peers) { Start-Sleep -Milliseconds 10 }
        $network.Cut($office, $loyal)
        $block = 'after the cut' | Add-BitswapBlock -Node $office
        $block | Get-BitswapBlock -Node $loyal -AsString | Should -Be 'after the cut'
    }
}

Describe 'A crowd' {
    BeforeAll {
        # Nodes cost no port and no thread of their own, so a test may have many.
        $network = New-BitswapTestNetwork -Seed 7 -LatencyMilliseconds 1
        $nodes = 1..50 | ForEach-Object { Start-BitswapNode -Network $network }
    }

    # what BeforeAll started is stopped here, whether the tests passed or not
    AfterAll { $network.Dispose() }

    It 'hands a block from node to node' {
        for ($i = 1; $i -lt $nodes.Count; $i++) {
            $null = Connect-BitswapPeer $nodes[$i - 1] -Node $nodes[$i]
        }

        $block = 'passed on' | Add-BitswapBlock -Node $nodes[0]
        for ($i = 1; $i -lt $nodes.Count; $i++) {
            $block.Cid | Get-BitswapBlock -Node $nodes[$i] -AsString | Should -Be 'passed on'
        }
    }
}

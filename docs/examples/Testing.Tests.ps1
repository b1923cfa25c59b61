<#
.SYNOPSIS
    A Pester suite to copy. It tests a script that moves data over Bitswap, without sockets, ports, firewall rules or other processes.
.DESCRIPTION
    New-BitswapTestNetwork creates a network in memory. Nodes that you start with -Network have the same engine, stores and cmdlets as other nodes. Only
    the links between them are simulated, so a test can make them slow or lossy, silence them, or cut them.

    Run it with: Invoke-Pester ./Testing.Tests.ps1
#>

BeforeAll {
    # In your own suite: Import-Module Bitswap
    Import-Module (Join-Path $PSScriptRoot '../../Bitswap.psd1')

    # The function under test. In your own suite: dot-source the script that defines it.
    function Copy-Setting {
        [CmdletBinding()]
        param($From, $To, [string[]] $Text, [double] $TimeoutSeconds = 20)

        $null = Connect-BitswapPeer $From -Node $To
        $Text | Add-BitswapBlock -Node $From | Get-BitswapBlock -Node $To -AsString -TimeoutSeconds $TimeoutSeconds
    }
}

Describe 'Copy-Setting' {
    BeforeEach {
        # The seed makes a run repeatable: it determines the identities of the nodes and the faults of each message. Omit it to get a new seed each
        # time. $network.Seed shows the seed, for the message of an assertion.
        $network = New-BitswapTestNetwork -Seed 42
        $office = Start-BitswapNode -Network $network -Name office
        $cottage = Start-BitswapNode -Network $network -Name cottage
    }

    AfterEach {
        # Dispose stops all nodes of the network and waits for them, even after a failed test. You can call it twice. Without it, the nodes stop with
        # the module or the runspace. They hold only memory.
        $network.Dispose()
    }

    It 'copies text' {
        Copy-Setting $office $cottage 'colour=blue', 'size=12' | Sort-Object | Should -Be 'colour=blue', 'size=12'
    }

    It 'copies over a slow link' {
        # You can change faults while nodes run. These apply to every link of the network.
        $network.LatencyMilliseconds = 20
        $network.BytesPerSecond = 1MB
        Copy-Setting $office $cottage 'colour=blue' | Should -Be 'colour=blue'
    }

    It 'copies nothing wrong over a link that corrupts messages' {
        # These apply to the link between two nodes. The node checks each block against its CID, so a changed block is not returned.
        $null = Connect-BitswapPeer $office -Node $cottage
        $network.SetLink($office, $cottage, @{ Corruption = 0.3 })
        $sent = 1..20 | ForEach-Object { "line $_" }
        $got = @(Copy-Setting $office $cottage $sent -TimeoutSeconds 2 -ErrorAction SilentlyContinue)
        @($got | Where-Object { $_ -notin $sent }) | Should -BeNullOrEmpty
        $network.ResetLink($office, $cottage)
        Copy-Setting $office $cottage $sent | Should -HaveCount 20
    }

    It 'fails with Timeout when the other node is silent' {
        # A silent node receives messages and never answers, like a node behind a broken firewall.
        $null = Connect-BitswapPeer $office -Node $cottage
        $network.SetSilent($office, $true)
        { Copy-Setting $office $cottage 'colour=blue' -TimeoutSeconds 0.5 -ErrorAction Stop } | Should -Throw -ErrorId 'Timeout,*'
        $network.SetSilent($office, $false)
        Copy-Setting $office $cottage 'colour=blue' | Should -Be 'colour=blue'
    }

    It 'works with a peer that sends each message ten times' {
        $network.SetFlood($office, 10)
        Copy-Setting $office $cottage (1..20 | ForEach-Object { "line $_" }) | Should -HaveCount 20
    }

    It 'fails during a partition and works after it' {
        # Partition separates these nodes from all others: their connections break at once, and dials fail.
        $network.Partition($office)
        { Copy-Setting $office $cottage 'colour=blue' -ErrorAction Stop } | Should -Throw -ErrorId 'PeerUnreachable,*'
        $network.Heal()
        Copy-Setting $office $cottage 'colour=blue' | Should -Be 'colour=blue'
    }

    It 'reconnects to a peer of -Peer' {
        # A node that is started with -Peer dials the peer again after the cut.
        $loyal = Start-BitswapNode -Network $network -Peer $office
        while (-not $loyal.Peers) { Start-Sleep -Milliseconds 10 }
        $network.Cut($office, $loyal)
        $block = 'after the cut' | Add-BitswapBlock -Node $office
        $block | Get-BitswapBlock -Node $loyal -AsString | Should -Be 'after the cut'
    }
}

Describe 'Many nodes' {
    BeforeAll {
        # A node needs no port and no thread of its own, so a test can use many.
        $network = New-BitswapTestNetwork -Seed 7 -LatencyMilliseconds 1
        $nodes = 1..50 | ForEach-Object { Start-BitswapNode -Network $network }
    }

    # stops the nodes of BeforeAll, even after a failed test
    AfterAll { $network.Dispose() }

    It 'passes a block from node to node' {
        for ($i = 1; $i -lt $nodes.Count; $i++) {
            $null = Connect-BitswapPeer $nodes[$i - 1] -Node $nodes[$i]
        }

        $block = 'passed on' | Add-BitswapBlock -Node $nodes[0]
        for ($i = 1; $i -lt $nodes.Count; $i++) {
            $block.Cid | Get-BitswapBlock -Node $nodes[$i] -AsString | Should -Be 'passed on'
        }
    }
}

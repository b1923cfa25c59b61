# Peers on the local network. All of it stays on the loopback interface: the nodes of these tests are told to use no other.
BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    $loopback = Get-Loopback
    $on = @{ DiscoverOn = $loopback }
    # not every machine lets packets to a group through there
    $probe = Start-BitswapNode -Discover Lan -Option $on -WarningAction Ignore
    $asks = Start-BitswapNode -Option $on
    $heard = Find-BitswapPeer -Node $asks -TimeoutSeconds 10 | Where-Object PeerId -EQ $probe.PeerId | Select-Object -First 1
    Clear-Nodes
    $folder = New-TemporaryFolder
}

AfterAll {
    Clear-Nodes
    Remove-Item -LiteralPath $folder -Recurse -Force
}

Describe 'The local network' {
    BeforeEach {
        if (-not $heard) {
            Set-ItResult -Skipped -Because 'this machine lets no packets to a group through on its loopback interface'
        }
    }

    AfterEach {
        Clear-Nodes
    }

    It 'connects two nodes that look for each other, and one fetches from the other without an address' {
        $one = Start-BitswapNode -Discover Lan -Option $on -WarningAction Ignore
        $two = Start-BitswapNode -Discover Lan -Option $on -WarningAction Ignore
        $block = 'from the neighbour' | Add-BitswapBlock -Node $one
        Get-BitswapBlock $block.Cid -Node $two -AsString | Should -Be 'from the neighbour'
        Wait-Until { $one.Peers -contains $two.PeerId }
    }

    It 'is searched by a node that was not told to look, which is not found for that' {
        $one = Start-BitswapNode -Discover Lan -Option ($on + @{ DialDiscovered = $false }) -WarningAction Ignore
        $two = Start-BitswapNode -Option $on
        $found = Find-BitswapPeer -Node $two -TimeoutSeconds 30 | Where-Object PeerId -EQ $one.PeerId | Select-Object -First 1
        $found.Addresses | Should -Be $one.Addresses
        $found.Interface | Should -Be $loopback
        $found.Connected | Should -BeFalse
        $found.Node | Should -Be $two.Name
        ([DateTimeOffset]::Now - $found.LastSeen).TotalSeconds | Should -BeLessThan 60
        "$found" | Should -Be $one.PeerId
        $two.Peers | Should -BeNullOrEmpty
        (Find-BitswapPeer -Node $one -TimeoutSeconds 2).PeerId | Should -Not -Contain $two.PeerId
    }

    It 'gives peers that can be connected to' {
        $one = Start-BitswapNode -Discover Lan -Option ($on + @{ DialDiscovered = $false }) -WarningAction Ignore
        $two = Start-BitswapNode -Option $on
        $peer = Find-BitswapPeer -Node $two -TimeoutSeconds 30 | Where-Object PeerId -EQ $one.PeerId | Select-Object -First 1 | Connect-BitswapPeer
        $peer.PeerId | Should -Be $one.PeerId
        (Find-BitswapPeer -Node $two -TimeoutSeconds 30 | Where-Object PeerId -EQ $one.PeerId | Select-Object -First 1).Connected | Should -BeTrue
    }

    It 'keeps private networks apart' {
        $key = "/key/swarm/psk/1.0.0/`n/base16/`n$('0123456789abcdef' * 4)`n"
        $one = Start-BitswapNode -Discover Lan -SwarmKey $key -Option $on -WarningAction Ignore
        $two = Start-BitswapNode -Discover Lan -SwarmKey $key -Option $on -WarningAction Ignore
        $three = Start-BitswapNode -Discover Lan -Option $on -WarningAction Ignore
        Wait-Until { $one.Peers -contains $two.PeerId }
        (Find-BitswapPeer -Node $one -TimeoutSeconds 2).PeerId | Should -Not -Contain $three.PeerId
    }
}

Describe 'Start-BitswapNode -Discover' {
    AfterEach {
        Clear-Nodes
    }

    It 'warns where others on the network do not find the node' {
        $null = Start-BitswapNode -Discover Lan -Option @{ DiscoverOn = 'no such interface' } -WarningVariable told -WarningAction SilentlyContinue
        "$told" | Should -Match 'listens only on addresses of this machine.*-ListenAddress'
    }

    It 'does not warn of that where it is to look on this machine alone' {
        $null = Start-BitswapNode -Discover Lan -Option $on -WarningVariable told -WarningAction SilentlyContinue
        "$told" | Should -Not -Match 'listens only'
    }

    It 'warns of an interface that is not there' {
        $null = Start-BitswapNode -Discover Lan -Option @{ DiscoverOn = 'no such interface' } -WarningVariable told -WarningAction SilentlyContinue
        $told[0].Message | Should -Match 'has no network interface on which to look for peers: no such interface: there is no such interface, or it is down\.$'

        # the loopback interface is there
        $node = Start-BitswapNode -Discover Lan -Option @{ DiscoverOn = $loopback, 'no such interface' } -WarningVariable told -WarningAction SilentlyContinue
        $told[0].Message | Should -Match "^$($node.Name) looks for peers on the network interface $([regex]::Escape($loopback)), but not on all that it should: no such interface:"
        "$told" | Should -Match 'listens only'
    }

    It 'is kept by -Save' {
        $path = Join-Path $folder 'kept'
        $null = Start-BitswapNode -Path $path -Discover Lan -Option @{ DiscoverOn = 'no such interface' } -Save -WarningAction Ignore
        Clear-Nodes
        (Get-Content (Join-Path $path 'settings.json') -Raw | ConvertFrom-Json).Discover | Should -Be 'Lan'
        $null = Start-BitswapNode -Path $path -WarningVariable told -WarningAction SilentlyContinue
        "$told" | Should -Match 'do not find it'
    }

    It 'refuses another place, and a network in memory' {
        { Start-BitswapNode -Discover Wan } | Should -Throw -ErrorId 'ParameterArgumentValidationError*'
        $network = New-BitswapTestNetwork
        (Get-Failure { Start-BitswapNode -Network $network -Option @{ Discover = 'Lan' } }).FullyQualifiedErrorId | Should -Match '^InvalidOption,'
        (Get-Failure { Find-BitswapPeer -Node (Start-BitswapNode -Network $network) }).FullyQualifiedErrorId | Should -Match '^DiscoveryFailed,'
    }
}

Describe 'Find-BitswapPeer' {
    AfterAll {
        Clear-Nodes
    }

    It 'ends at its time without an error' {
        $node = Start-BitswapNode -Option $on
        $timer = [Diagnostics.Stopwatch]::StartNew()
        $null = Find-BitswapPeer -Node $node -TimeoutSeconds 0.3 -ErrorAction Stop
        $timer.Elapsed.TotalSeconds | Should -BeLessThan 10
    }
}

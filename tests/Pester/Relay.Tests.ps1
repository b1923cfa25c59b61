# Relays: a node that others reach through another node alone.
BeforeAll {
    . "$PSScriptRoot/Common.ps1"

    # the reservation comes after the start
    function Wait-Relayed($Node) {
        Wait-Until { $Node.Addresses -match '/p2p-circuit/' }
    }
}

Describe 'Start-BitswapNode -Relay' {
    AfterEach {
        Clear-Nodes
    }

    It 'lets peers reach a node that listens nowhere they can dial, and says so of the connection' {
        $relay = Start-BitswapNode relay -Relay -WarningAction Ignore
        $provider = Start-BitswapNode provider -Option @{ RelayServers = $relay.Addresses }
        Wait-Relayed $provider
        $address = $provider.Addresses -match '/p2p-circuit/'
        $address | Should -Be "$($relay.Addresses[0])/p2p-circuit/p2p/$($provider.PeerId)"
        ($provider.Reachability | Where-Object Source -eq Relayed).Address | Should -Be $address

        $block = 'relayed' | Add-BitswapBlock -Node $provider
        $reader = Start-BitswapNode reader -Peer $address
        Get-BitswapBlock $block.Cid -Node $reader -AsString -TimeoutSeconds 30 | Should -Be 'relayed'
        # the relay is a peer of both, too
        $peer = Get-BitswapPeer -Node $reader | Where-Object PeerId -EQ $provider.PeerId
        $peer.PeerId, $peer.Relay, $peer.RelayLimit, $peer.Address | Should -Be $provider.PeerId, $relay.PeerId, '30 min and 67108864 bytes each way', $address
    }

    It 'is in a link of the node' {
        $relay = Start-BitswapNode relay -Relay -WarningAction Ignore
        $provider = Start-BitswapNode provider -Option @{ RelayServers = $relay.Addresses }
        Wait-Relayed $provider
        $block = 'linked' | Add-BitswapBlock -Node $provider
        $link = Get-BitswapLink $block.Cid -Node $provider -WarningAction Ignore
        "$link" | Should -Match 'p2p-circuit'
    }

    It 'serves the peers of RelayPeers alone' {
        $relay = Start-BitswapNode relay -Relay -Option @{ RelayPeers = '12D3KooWLbkuHSPrVfDLV6kiHAnoAc8y86RRvRUuPx6PHSaGuJ99' } -WarningAction Ignore
        $log = Join-Path $TestDrive 'refused.log'
        $provider = Start-BitswapNode provider -Option @{ RelayServers = $relay.Addresses } -LogPath $log
        Wait-Until { "$(Get-Content $log -Raw -ErrorAction Ignore)" -match 'gives this host no reservation' }
        $provider.Addresses -match '/p2p-circuit/' | Should -BeNullOrEmpty
        (Get-Failure { Connect-BitswapPeer "$($relay.Addresses[0])/p2p-circuit/p2p/$($provider.PeerId)" -Node (Start-BitswapNode) }).FullyQualifiedErrorId |
            Should -Match '^RelayNoReservation,'
    }

    It 'warns where only this machine can use it' {
        Start-BitswapNode -Relay -WarningVariable warned -WarningAction SilentlyContinue | Out-Null
        "$warned" | Should -Match 'relays for peers on it alone'
    }

    It 'is kept by -Save' {
        $path = Join-Path $TestDrive 'repository'
        Start-BitswapNode -Path $path -Relay -Save -WarningAction Ignore | Stop-BitswapNode
        (Get-Content "$path/settings.json" -Raw | ConvertFrom-Json).Option.Relay | Should -BeTrue
    }

    It 'refuses a relay without a peer id' {
        (Get-Failure { Start-BitswapNode -Option @{ RelayServers = '/ip4/192.0.2.1/tcp/4001' } }).FullyQualifiedErrorId | Should -Match '^InvalidOption,'
    }
}

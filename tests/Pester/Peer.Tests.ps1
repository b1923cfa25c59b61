BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    $pair = New-NodePair
}
AfterAll { Clear-Nodes }

Describe 'Connect-BitswapPeer' {
    It 'tells who it is connected to' {
        $pair.Peer.PeerId | Should -Be $pair.Provider.PeerId
        $pair.Peer.Direction | Should -Be 'Outbound'
        $pair.Peer.BitswapVersion | Should -Be '1.2.0'
        $pair.Peer.Node | Should -Be $pair.Client.Name
    }

    It 'takes a text, an address, a node, and objects with addresses' {
        $address = $pair.Provider.Addresses[0]
        foreach ($form in "$address", $address, $pair.Provider, [pscustomobject]@{ Address = "$address" }) {
            ($form | Connect-BitswapPeer -Node $pair.Client).PeerId | Should -Be $pair.Provider.PeerId
        }
    }

    It 'goes on after a bad address' {
        $errors = @()
        $peers = 'nonsense', "$($pair.Provider.Addresses[0])" | Connect-BitswapPeer -Node $pair.Client -ErrorAction SilentlyContinue -ErrorVariable errors
        $peers.PeerId | Should -Be $pair.Provider.PeerId
        $errors.FullyQualifiedErrorId | Should -Be 'InvalidMultiaddr,Bitswap.Commands.ConnectBitswapPeerCommand'
        $errors[0].TargetObject | Should -Be 'nonsense'
    }

    It 'tells the failure of an address where nobody listens' {
        $gone = Start-BitswapNode
        $address = "$($gone.Addresses[0])"
        Stop-BitswapNode $gone
        $failure = Get-Failure { Connect-BitswapPeer $address -Node $pair.Client }
        $failure.FullyQualifiedErrorId | Should -Match '^PeerUnreachable,'
        $failure.CategoryInfo.Category | Should -Be 'ConnectionError'
        $failure.Exception.Message | Should -Match ([regex]::Escape(($address -split '/p2p/')[0]))
    }

    It 'refuses a peer with another identity' {
        $other = (Start-BitswapNode -Seed 'someone else')
        $wrong = "$($pair.Provider.Addresses[0] -replace '/p2p/.*')/p2p/$($other.PeerId)"
        Stop-BitswapNode $other
        $failure = Get-Failure { Connect-BitswapPeer $wrong -Node $pair.Client }
        $failure.FullyQualifiedErrorId | Should -Match '^(PeerIdMismatch|PeerUnreachable),'
        "$($failure.Exception.Message)" | Should -Match "$($pair.Provider.PeerId)|identity|another"
    }
}

Describe 'Get-BitswapPeer' {
    It 'gives both sides of a connection' {
        $theirs = Get-BitswapPeer -Node $pair.Provider
        $theirs.PeerId | Should -Be $pair.Client.PeerId
        $theirs.Direction | Should -Be 'Inbound'
        ($pair.Client | Get-BitswapPeer).PeerId | Should -Be $pair.Provider.PeerId
    }

    It 'tells what a peer fetches, by the name of its pin, and how much of it was sent' {
        $folder = New-TemporaryFolder
        $file = Join-Path $folder 'holiday.bin'
        $bytes = [byte[]]::new(3MB)
        [Random]::new(1).NextBytes($bytes)
        [IO.File]::WriteAllBytes($file, $bytes)
        $added = Add-BitswapFile $file -Node $pair.Provider
        Add-BitswapPin $added.Cid -Name 'holiday' -Node $pair.Provider | Out-Null
        Save-BitswapFile $added.Cid (Join-Path $folder 'saved.bin') -Node $pair.Client | Out-Null

        Wait-Until { (Get-BitswapPeer -Node $pair.Provider).Fetching.Where{ $_.Cid -eq $added.Cid }.Sent -ge 3MB }
        $fetching = (Get-BitswapPeer -Node $pair.Provider).Fetching | Where-Object Cid -EQ $added.Cid
        $fetching.Name, $fetching.PeerId | Should -Be 'holiday', $pair.Client.PeerId
        $fetching.Percent | Should -Be 100
        $fetching.Sent | Should -Be $fetching.Total
        $fetching.LastSent | Should -BeGreaterOrEqual $fetching.Started
        (Get-BitswapPeer -Node $pair.Client).Fetching | Should -BeNullOrEmpty
    }

    It 'learns the agent and the protocols' {
        Wait-Until { (Get-BitswapPeer -Node $pair.Client).Agent }
        $peer = Get-BitswapPeer -Node $pair.Client
        $peer.Agent | Should -Match 'bitswap'
        $peer.Protocols | Should -Contain '/ipfs/bitswap/1.2.0'
    }

    It 'tells of a peer that is not connected' {
        $stranger = (Start-BitswapNode -Seed stranger)
        Stop-BitswapNode $stranger
        (Get-Failure { Get-BitswapPeer $stranger.PeerId -Node $pair.Client -ErrorAction Stop }).FullyQualifiedErrorId | Should -Match '^PeerUnreachable,'
        (Get-Failure { Get-BitswapPeer nobody -Node $pair.Client }).FullyQualifiedErrorId | Should -Match '^InvalidPeerId,'
    }

    It 'completes peer ids' {
        $line = "Get-BitswapPeer -Node $($pair.Client.Name) -Peer "
        (TabExpansion2 $line -cursorColumn $line.Length).CompletionMatches.CompletionText | Should -Be "$($pair.Provider.PeerId)"
    }
}

Describe 'Test-BitswapPeer' {
    It 'gives an object a ping' {
        $pings = @(Test-BitswapPeer $pair.Provider -Node $pair.Client -Count 3 -Delay 0)
        $pings.Ping | Should -Be 1, 2, 3
        $pings.Status | Sort-Object -Unique | Should -Be 'Success'
        $pings[0].Latency | Should -BeGreaterThan ([timespan]::Zero)
    }

    It '-Quiet tells whether all were answered' {
        Test-BitswapPeer $pair.Provider -Node $pair.Client -Count 1 -Quiet | Should -BeTrue
        $stranger = Start-BitswapNode
        Test-BitswapPeer $stranger.PeerId -Node $pair.Client -Count 1 -Quiet | Should -BeFalse
        Test-BitswapPeer $stranger.Addresses[0] -Node $pair.Client -Count 1 -Quiet | Should -BeTrue
        Stop-BitswapNode $stranger
    }
}

Describe 'Get-BitswapLedger and Get-BitswapStat' {
    It 'count what went each way' {
        $data = 'for the ledger ' * 100
        $data | Add-BitswapBlock -Node $pair.Provider | Get-BitswapBlock -Node $pair.Client | Out-Null
        (Get-BitswapLedger -Node $pair.Client -Peer $pair.Provider).Received | Should -BeGreaterOrEqual $data.Length
        Wait-Until { (Get-BitswapLedger -Node $pair.Provider -Peer $pair.Client).Sent -ge $data.Length }
        $stat = Get-BitswapStat $pair.Client
        $stat.BlocksReceived | Should -BeGreaterThan 0
        $stat.BytesReceived | Should -BeGreaterOrEqual $data.Length
        $stat.Peers | Should -BeGreaterThan 0
        $stat.Uptime | Should -BeGreaterThan ([timespan]::Zero)
    }
}

Describe 'Disconnect-BitswapPeer' {
    It 'closes, and says so when there is nothing to close' {
        $own = New-NodePair
        Disconnect-BitswapPeer $own.Provider.PeerId -Node $own.Client -WhatIf
        $own.Client.Peers.Count | Should -Be 1
        $own.Peer | Disconnect-BitswapPeer
        Wait-Until { $own.Client.Peers.Count -eq 0 -and $own.Provider.Peers.Count -eq 0 }
        (Get-Failure { Disconnect-BitswapPeer $own.Provider.PeerId -Node $own.Client -ErrorAction Stop }).FullyQualifiedErrorId | Should -Match '^PeerUnreachable,'
    }
}

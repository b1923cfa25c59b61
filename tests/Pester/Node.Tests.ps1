BeforeDiscovery {
    Import-Module "$PSScriptRoot/../../Bitswap.psd1"
    $aboutNodes = (Get-Module Bitswap).ExportedCmdlets.Values | Where-Object { $_.Parameters.ContainsKey('Node') } | ForEach-Object Name
}

BeforeAll { . "$PSScriptRoot/Common.ps1" }
AfterAll { Clear-Nodes }

Describe 'Start-BitswapNode' {
    AfterEach { Clear-Nodes }

    It 'listens on loopback alone, at an address that ends with its id' {
        $node = Start-BitswapNode
        $node.IsRunning | Should -BeTrue
        $node.Addresses.Count | Should -Be 1
        "$($node.Addresses[0])" | Should -Match "^/ip4/127\.0\.0\.1/tcp/\d+/p2p/$($node.PeerId)$"
    }

    It 'takes several listen addresses' {
        $node = Start-BitswapNode -ListenAddress /ip4/127.0.0.1/tcp/0, /ip6/::1/tcp/0
        $node.Addresses.Count | Should -Be 2
        $node.ListenAddress.Count | Should -Be 2
    }

    It 'says so when a port is taken' {
        $first = Start-BitswapNode
        $taken = $first.Addresses[0] -replace '/p2p/.*'
        $failure = Get-Failure { Start-BitswapNode -ListenAddress $taken }
        $failure.FullyQualifiedErrorId | Should -Match '^AddressInUse,'
        $failure.Exception.Message | Should -Match ([regex]::Escape(($taken -split '/')[-1]))
        $failure.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        @(Get-BitswapNode).Count | Should -Be 1
    }

    It 'keeps its identity in a repository, and locks it' {
        $folder = New-TemporaryFolder
        try {
            $first = Start-BitswapNode -Path $folder
            'kept' | Add-BitswapBlock -Node $first | Set-Variable block
            (Get-Failure { Start-BitswapNode -Path $folder }).FullyQualifiedErrorId | Should -Match '^StoreLocked,'
            Stop-BitswapNode $first
            $second = Start-BitswapNode -Path $folder
            $second.PeerId | Should -Be $first.PeerId
            $second.Path | Should -Be $folder
            $block.Cid | Get-BitswapBlock -Node $second -Local -AsString | Should -Be 'kept'
        }
        finally {
            Clear-Nodes
            Remove-Item -LiteralPath $folder -Recurse -Force
        }
    }

    It 'keeps no blocks in a repository with -BlockStore Memory' {
        $folder = New-TemporaryFolder
        try {
            $first = Start-BitswapNode -Path $folder -BlockStore Memory
            $block = 'not kept' | Add-BitswapBlock -Node $first
            Stop-BitswapNode $first
            $second = Start-BitswapNode -Path $folder
            $second.PeerId | Should -Be $first.PeerId
            Test-BitswapBlock $block.Cid -Node $second | Should -BeFalse
        }
        finally {
            Clear-Nodes
            Remove-Item -LiteralPath $folder -Recurse -Force
        }
    }

    It 'makes the same identity of the same seed' {
        $first = Start-BitswapNode -Seed one
        $other = Start-BitswapNode -Seed two
        Stop-BitswapNode $first
        (Start-BitswapNode -Seed one).PeerId | Should -Be $first.PeerId
        $other.PeerId | Should -Not -Be $first.PeerId
    }

    It 'takes names, and refuses one that is taken' {
        $node = Start-BitswapNode -Name alice
        "$node" | Should -Be 'alice'
        (Get-Failure { Start-BitswapNode -Name ALICE }).FullyQualifiedErrorId | Should -Match '^NameInUse,'
    }

    It 'refuses <what>' -ForEach @(
        @{ what = 'an option it does not know'; id = 'InvalidOption'; arguments = @{ Option = @{ NoSuchOption = 1 } } }
        @{ what = 'an option out of range'; id = 'InvalidOption'; arguments = @{ Option = @{ MaxConnections = -1 } } }
        @{ what = 'an option of the wrong kind'; id = 'InvalidOption'; arguments = @{ Option = @{ MaxConnections = 'many' } } }
        @{ what = 'a key that is none'; id = 'InvalidKey'; arguments = @{ PrivateKey = 'AAAA' } }
        @{ what = 'a key and a seed'; id = 'InvalidKey'; arguments = @{ PrivateKey = 'AAAA'; Seed = 'x' } }
        @{ what = 'a store that is none'; id = 'InvalidStore'; arguments = @{ BlockStore = 42 } }
        @{ what = 'a version it does not speak'; id = 'UnsupportedProtocolVersion'; arguments = @{ ProtocolVersion = '9.9.9' } }
        @{ what = 'an address that is none'; id = 'InvalidMultiaddr'; arguments = @{ ListenAddress = 'localhost:80' } }
    ) {
        $failure = Get-Failure { Start-BitswapNode @arguments }
        $failure.FullyQualifiedErrorId | Should -Be "$id,Bitswap.Commands.StartBitswapNodeCommand"
        $failure.CategoryInfo.Category | Should -Be 'InvalidArgument'
        $failure.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        @(Get-BitswapNode).Count | Should -Be 0
    }

    It 'dials and keeps the peers it is given' {
        $provider = Start-BitswapNode
        $client = Start-BitswapNode -Peer $provider
        Wait-Until { $client.Peers.Count -eq 1 }
        $client.Peers[0] | Should -Be $provider.PeerId
    }

    It 'speaks the version it is told' {
        $provider = Start-BitswapNode
        $client = Start-BitswapNode -ProtocolVersion 1.1.0
        (Connect-BitswapPeer $provider -Node $client).BitswapVersion | Should -Be '1.1.0'
        'over 1.1.0' | Add-BitswapBlock -Node $provider | Get-BitswapBlock -Node $client -AsString | Should -Be 'over 1.1.0'
    }

    It 'listens on a WebSocket, and fetches over one' {
        $provider = Start-BitswapNode -ListenAddress /ip4/127.0.0.1/tcp/0/ws
        $client = Start-BitswapNode
        "$($provider.Addresses[0])" | Should -Match '/tcp/\d+/ws/p2p/'
        $peer = Connect-BitswapPeer $provider.Addresses[0] -Node $client
        "$($peer.Address)" | Should -Be "$($provider.Addresses[0])"
        'over a WebSocket' | Add-BitswapBlock -Node $provider | Get-BitswapBlock -Node $client -AsString | Should -Be 'over a WebSocket'
    }

    It 'warns of a -Peer that cannot be dialled' {
        $id = '12D3KooWLbkuHSPrVfDLV6kiHAnoAc8y86RRvRUuPx6PHSaGuJ99'
        $addresses = "/ip4/127.0.0.1/udp/1/quic-v1/p2p/$id", "/dns4/a.example/tcp/443/https/p2p/$id", "/ip4/127.0.0.1/tcp/1/p2p/$id"
        $one = Start-BitswapNode -Peer $addresses -WarningVariable told -WarningAction SilentlyContinue
        $told.Count | Should -Be 2
        "$($told[0])" | Should -Match 'needs QUIC'
        "$($told[1])" | Should -Match 'needs HTTP, and this module supports only TCP and WebSockets'
        Stop-BitswapNode $one
    }

    It 'serves nothing as -ClientOnly' {
        $provider = Start-BitswapNode -ClientOnly
        $client = Start-BitswapNode
        $null = Connect-BitswapPeer $provider -Node $client
        $block = 'mine alone' | Add-BitswapBlock -Node $provider
        (Get-Failure { Get-BitswapBlock $block.Cid -Node $client -TimeoutSeconds 20 }).FullyQualifiedErrorId | Should -Match '^BlockUnavailable,'
    }
}

Describe 'Get-BitswapNode' {
    BeforeAll {
        $alpha = Start-BitswapNode -Name alpha
        $beta = Start-BitswapNode -Name beta
    }
    AfterAll { Clear-Nodes }

    It 'gives all, by name and by wildcard' {
        (Get-BitswapNode).Name | Should -Be 'alpha', 'beta'
        (Get-BitswapNode BETA).PeerId | Should -Be $beta.PeerId
        (Get-BitswapNode a*).Name | Should -Be 'alpha'
        Get-BitswapNode z* | Should -BeNullOrEmpty
    }

    It 'tells of a name that nobody has' {
        (Get-Failure { Get-BitswapNode gamma -ErrorAction Stop }).FullyQualifiedErrorId | Should -Match '^NoNode,'
    }

    It 'completes names' {
        (TabExpansion2 'Get-BitswapNode -Name al' -cursorColumn 24).CompletionMatches.CompletionText | Should -Be 'alpha'
        (TabExpansion2 'Get-BitswapPeer -Node be' -cursorColumn 24).CompletionMatches.CompletionText | Should -Be 'beta'
    }
}

Describe 'Stop-BitswapNode' {
    AfterEach { Clear-Nodes }

    It 'stops, and every call after it says NodeStopped' {
        $node = Start-BitswapNode
        Stop-BitswapNode $node
        $node.IsRunning | Should -BeFalse
        Get-BitswapNode | Should -BeNullOrEmpty
        foreach ($call in { Get-BitswapPeer -Node $node }, { 'x' | Add-BitswapBlock -Node $node }, { Get-BitswapStat $node }, { Get-BitswapBlock (New-UnknownCid) -Node $node }) {
            (Get-Failure $call).FullyQualifiedErrorId | Should -Match '^NodeStopped,'
        }
    }

    It 'is content when the node is stopped already' {
        $node = Start-BitswapNode
        $node, $node | Stop-BitswapNode
        $node.Dispose()
        $node.IsRunning | Should -BeFalse
    }

    It 'does nothing with -WhatIf' {
        $node = Start-BitswapNode
        Stop-BitswapNode $node -WhatIf
        Stop-BitswapNode $node -WhatIf -Force
        $node.IsRunning | Should -BeTrue
    }

    It 'ends wants that wait with NodeStopped' {
        $node = Start-BitswapNode
        $want = New-UnknownCid | Start-BitswapWant -Node $node
        Stop-BitswapNode $node
        (Get-Failure { $want | Wait-BitswapWant -TimeoutSeconds 10 }).FullyQualifiedErrorId | Should -Match '^NodeStopped,'
    }
}

Describe '-Node left out' {
    AfterEach { Clear-Nodes }

    It 'is the only node' {
        $node = Start-BitswapNode
        (Get-BitswapStat).Node | Should -Be $node.Name
    }

    It 'is an error without a node' {
        $failure = Get-Failure { Get-BitswapStat }
        $failure.FullyQualifiedErrorId | Should -Match '^NoNode,'
        $failure.CategoryInfo.Category | Should -Be 'ObjectNotFound'
    }

    It 'is an error with several, which it names' {
        $null = Start-BitswapNode -Name one
        $null = Start-BitswapNode -Name two
        $failure = Get-Failure { Get-BitswapStat }
        $failure.FullyQualifiedErrorId | Should -Match '^SeveralNodes,'
        $failure.Exception.Message | Should -Match 'one, two'
    }

    It 'comes from the pipeline with objects that know their node' {
        $pair = New-NodePair
        Get-BitswapPeer -Node $pair.Client | Test-BitswapPeer -Count 1 -Quiet | Should -BeTrue
        'x' | Add-BitswapBlock -Node $pair.Provider | Remove-BitswapBlock
        Get-BitswapBlock -Local -Node $pair.Provider | Should -BeNullOrEmpty
    }
}

Describe '-Node of <_>' -ForEach $aboutNodes {
    It 'takes several, or refuses them as several' {
        $parameter = (Get-Command $_).Parameters['Node']
        $single = @($parameter.Attributes | Where-Object { $_.GetType().Name -eq 'SingleValueAttribute' }).Count -gt 0
        $parameter.ParameterType.IsArray | Should -Be (-not $single)
        @($parameter.Attributes | Where-Object { $_ -is [SupportsWildcards] }).Count -gt 0 | Should -Be (-not $single)
    }
}

Describe 'Several nodes' {
    BeforeAll {
        $one = Start-BitswapNode -Name one
        $two = Start-BitswapNode -Name two
        $other = Start-BitswapNode -Name other
    }
    AfterAll { Clear-Nodes }

    It 'are taken from the pipeline, as a list, by names and by wildcards, each once' {
        ($one, $two | Get-BitswapStat).Node | Should -Be 'one', 'two'
        (Get-BitswapStat $one, $two).Node | Should -Be 'one', 'two'
        (Get-BitswapStat -Node one, two).Node | Should -Be 'one', 'two'
        ('one', 'two' | Get-BitswapStat).Node | Should -Be 'one', 'two'
        (Get-BitswapStat one, o*, $one).Node | Should -Be 'one', 'other'
    }

    It 'connect to one peer, list their peers, and disconnect' {
        (Connect-BitswapPeer $other -Node $one, $two).Node | Should -Be 'one', 'two'
        (Get-BitswapPeer -Node one, two).PeerId | Should -Be $other.PeerId, $other.PeerId
        (Get-BitswapLedger -Node one, two).PeerId | Should -Be $other.PeerId, $other.PeerId
        Disconnect-BitswapPeer $other -Node one, two
        Get-BitswapPeer -Node one, two | Should -BeNullOrEmpty
    }

    It 'are changed, traced and looked at together' {
        Set-BitswapNode one, two -Option @{ UploadRate = 1MB }
        Start-BitswapTrace -Node one, two | ForEach-Object Node | Should -Be 'one', 'two'
        (Get-BitswapTrace -Node t*).Node | Should -Be 'two'
        Stop-BitswapTrace -Node * | Out-Null
        Get-BitswapTrace | Should -BeNullOrEmpty
        New-UnknownCid | Start-BitswapWant -Node two | Out-Null
        (Get-BitswapWantlist -Node one, two).Node | Should -Be 'two'
        (Show-BitswapNode one, two -Count 1 -AsObject).Node | Should -Be 'one', 'two'
        $cid = ('pinned' | Add-BitswapBlock -Node one | Add-BitswapPin).Cid
        'pinned' | Add-BitswapBlock -Node two | Add-BitswapPin | Out-Null
        (Get-BitswapPin -Node *).Node | Should -Be 'one', 'two'
        (Get-BitswapPin $cid -Node one, two).Cid | Should -Be $cid, $cid
    }

    It 'do not share the file of a trace' {
        $folder = New-TemporaryFolder
        $failure = $null
        $started = Start-BitswapTrace (Join-Path $folder 'a.jsonl') -Node one, two -Force -ErrorAction SilentlyContinue -ErrorVariable failure
        $started.Node | Should -Be 'one'
        $failure.FullyQualifiedErrorId | Should -Match '^OutFileTaken,'
        Stop-BitswapTrace -Node one | Out-Null
        Remove-Item -LiteralPath $folder -Recurse
    }

    It 'are refused by a cmdlet that works on one: <_>' -ForEach 'Add-BitswapBlock', 'Get-BitswapBlock', 'Test-BitswapPeer', 'Start-BitswapWant' {
        $failure = Get-Failure { & $_ $two.PeerId -Node $one, $two }
        $failure.FullyQualifiedErrorId | Should -Match '^SeveralNodes,'
        $failure.Exception.Message | Should -Match 'one, two'
        ('x' | Add-BitswapBlock -Node @($one)).Node | Should -Be 'one' -Because 'a list of one is that one'
        (Get-Failure { & $_ $two.PeerId -Node @() }).FullyQualifiedErrorId | Should -Match '^NoNode,'
    }

    It 'may have one among them that is not there: the others are worked on' {
        $failure = $null
        (Get-BitswapStat nobody, one, no* -ErrorAction SilentlyContinue -ErrorVariable failure).Node | Should -Be 'one'
        $failure.FullyQualifiedErrorId -match '^NoNode,' | Should -HaveCount 2
        $failure.TargetObject | Should -Be 'nobody', 'no*'
    }

    It 'are not guessed of what is empty' {
        foreach ($nothing in { Stop-BitswapNode $null }, { Stop-BitswapNode @() }, { Stop-BitswapNode -Node $misspelt }, { Get-BitswapBlock -Local -Node $null }, { Stop-BitswapNode @($null) }) {
            (Get-Failure $nothing).FullyQualifiedErrorId | Should -Match '^NoNode,' -Because $nothing
        }

        Get-BitswapNode | Should -HaveCount 3
    }

    It 'stop together' {
        $null = Start-BitswapNode -Name stays
        Stop-BitswapNode $one, two, oth*
        (Get-BitswapNode).Name | Should -Be 'stays'
        Stop-BitswapNode *
        Get-BitswapNode | Should -BeNullOrEmpty
    }
}

Describe 'A list where one value is taken' {
    It 'is refused as what it is: -Cid of Add-BitswapBlock' {
        $node = Start-BitswapNode
        $failure = Get-Failure { 'x' | Add-BitswapBlock -Cid (New-UnknownCid), (New-UnknownCid) -Node $node }
        $failure.FullyQualifiedErrorId | Should -Match '^InvalidCid,'
        $failure.Exception.Message | Should -Match '2 are given'
        $node | Stop-BitswapNode
    }
}

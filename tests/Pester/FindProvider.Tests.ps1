BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    . "$PSScriptRoot/Router.ps1"
    $pair = New-NodePair
    $client = $pair.Client
    $far = Start-BitswapNode -Name far
    $router = [BitswapTestRouter]::new()

    # A block that the connected peer has, one that a peer far away has, and whom the router names for it.
    $near = 'it is near' | Add-BitswapBlock -Node $pair.Provider
    $away = 'it is far away' | Add-BitswapBlock -Node $far
    Set-Provider $router $away.Cid $far

    $gone = Start-BitswapNode
    $null = Stop-BitswapNode $gone
}
AfterAll {
    $router.Dispose()
    Clear-Nodes
}

Describe 'Find-BitswapProvider, of connected peers,' {
    It 'gives those that say they have the block' {
        $idle = Start-BitswapNode
        $null = Connect-BitswapPeer $idle -Node $client
        $found = Find-BitswapProvider $near.Cid -Node $client
        $found | Should -HaveCount 1
        $found | Should -BeOfType ([Bitswap.BitswapProvider])
        $found.Cid | Should -Be $near.Cid
        $found.PeerId | Should -Be $pair.Provider.PeerId
        $found.Addresses | Should -Be $pair.Provider.Addresses
        $found.Source | Should -Be 'Peers'
        $found.Connected | Should -BeTrue
        $found.Protocols | Should -Be 'transport-bitswap'
        $found.Serving | Should -BeTrue
        $found.Answer | Should -Be 'Have'
        $found.Latency | Should -BeGreaterThan ([timespan]::Zero)
        $found.Node | Should -Be $client.Name
        Stop-BitswapNode $idle
    }

    It 'fetches nothing, and leaves no want' {
        $null = Find-BitswapProvider $near.Cid -Node $client
        Test-BitswapBlock $near.Cid -Node $client | Should -BeFalse
        Wait-Until { -not (Get-BitswapWantlist -Node $client) }
    }

    It 'gives nobody where nobody has it, without an error' {
        New-UnknownCid | Find-BitswapProvider -Node $client -ErrorAction Stop | Should -BeNullOrEmpty
    }

    It 'asks no other source, and says so' {
        $alone = Start-BitswapNode
        $story = Find-BitswapProvider $near.Cid -Node $alone -Verbose 4>&1
        "$story" | Should -Match '0 connected peers and no other source: no router was named'
        Stop-BitswapNode $alone
    }

    It 'asks also for what the node has itself' {
        $own = "its own $([guid]::NewGuid())" | Add-BitswapBlock -Node $client
        Find-BitswapProvider $own.Cid -Node $client -WarningVariable told | Should -BeNullOrEmpty
        $told | Should -BeNullOrEmpty
        $null = Get-BitswapBlock $own.Cid -Local -Raw -Node $client | Add-BitswapBlock -Node $pair.Provider
        (Find-BitswapProvider $own.Cid -Node $client).PeerId | Should -Be $pair.Provider.PeerId
    }

    It 'says that a block which follows from its CID is asked of nobody: <_>' -ForEach 'bafkqabtimvwgy3yk', 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku' {
        Find-BitswapProvider $_ -Node $client -WarningVariable told -WarningAction SilentlyContinue | Should -BeNullOrEmpty
        "$told" | Should -Match 'itself'
    }

    It 'takes CIDs in every form, and goes on after a bad one' {
        $found = $near, "$($near.Cid)", "/ipfs/$($near.Cid)", 'nonsense', [pscustomobject]@{ Cid = "$($near.Cid)" } |
            Find-BitswapProvider -Node $client -ErrorVariable failed -ErrorAction SilentlyContinue
        $found | Should -HaveCount 4
        $failed.FullyQualifiedErrorId | Should -Be 'InvalidCid,Bitswap.Commands.FindBitswapProviderCommand'
    }
}

Describe 'Find-BitswapProvider, of a router,' {
    It 'gives those that the router names, without dialling them' {
        $found = Find-BitswapProvider $away.Cid -Router $router.Uri -Node $client
        $found | Should -HaveCount 1
        $found.PeerId | Should -Be $far.PeerId
        $found.Addresses | Should -Be $far.Addresses
        $found.Source | Should -Be 'Delegated'
        $found.Connected | Should -BeFalse
        $found.Serving | Should -BeNullOrEmpty
        $found.Answer | Should -BeNullOrEmpty
        $client.Peers | Should -Not -Contain $far.PeerId
        @($router.Requests)[-1] | Should -Be "/routing/v1/providers/$($away.Cid)"
    }

    It 'asks only the sources that are named' {
        Set-Provider $router $near.Cid $far
        (Find-BitswapProvider $near.Cid -Router $router.Uri -Source Peers -Node $client).Source | Should -Be 'Peers'
        (Find-BitswapProvider $near.Cid -Router $router.Uri -Source Delegated -Node $client).Source | Should -Be 'Delegated'
        @((Find-BitswapProvider $near.Cid -Router $router.Uri -Node $client).Source | ForEach-Object ToString | Sort-Object) | Should -Be 'Delegated', 'Peers'
    }

    It 'pipes into Connect-BitswapPeer, and its output is a peer to fetch from' {
        $own = Start-BitswapNode
        $peer = Find-BitswapProvider $away.Cid -Router $router.Uri -Node $own | Connect-BitswapPeer
        $peer.PeerId | Should -Be $far.PeerId
        $peer.Node | Should -Be $own.Name
        $other = Start-BitswapNode
        $found = Find-BitswapProvider $away.Cid -Router $router.Uri -Node $other
        Get-BitswapBlock $away.Cid -Peer $found -Node $other -AsString | Should -Be 'it is far away'
        $found | Get-BitswapBlock -AsString | Should -Be 'it is far away'
        $own, $other | Stop-BitswapNode
    }

    It 'gives one object a provider, whoever names it' {
        $second = [BitswapTestRouter]::new()
        Set-Provider $second $near.Cid $pair.Provider, $far
        Set-Provider $router $near.Cid $pair.Provider, $far
        $found = Find-BitswapProvider $near.Cid -Router $router.Uri, $second.Uri -Node $client
        @($found.PeerId | Sort-Object) | Should -Be @($pair.Provider.PeerId, $far.PeerId | Sort-Object)
        $second.Dispose()
    }

    It 'leaves the node itself out' {
        Set-Provider $router $near.Cid $client
        Find-BitswapProvider $near.Cid -Router $router.Uri -Source Delegated -Node $client | Should -BeNullOrEmpty
    }

    It 'gives what is found while another source is silent' {
        $silent = [BitswapTestRouter]::new()
        $silent.IsSilent = $true
        $endless = [BitswapTestRouter]::new()
        $endless.IsEndless = $true
        Set-Provider $endless $away.Cid $far
        $timer = [Diagnostics.Stopwatch]::StartNew()
        $found = Find-BitswapProvider $away.Cid -Router $silent.Uri, $endless.Uri -Node $client | Select-Object -First 1
        $timer.Elapsed.TotalSeconds | Should -BeLessThan 10
        $found.PeerId | Should -Be $far.PeerId
        $silent.Dispose()
        $endless.Dispose()
    }

    It '-Count ends the search for a block when as many are found' {
        $endless = [BitswapTestRouter]::new()
        $endless.IsEndless = $true
        Set-Provider $endless $away.Cid $far, $pair.Provider, $gone
        Set-Provider $endless $near.Cid $far, $pair.Provider, $gone
        $found = $away, $near | Find-BitswapProvider -Router $endless.Uri -Source Delegated -Count 2 -Node $client
        @($found.Cid | Group-Object).Count | Should -Be 2
        $found | Should -HaveCount 4
        $endless.Dispose()
    }

    It 'tells in its story what was left out' {
        $router.Answers["$($near.Cid)"] = ($far | ConvertTo-ProviderRecord) + "`nnonsense`n" + '{"Schema":"other"}'
        $story = Find-BitswapProvider $near.Cid -Router $router.Uri -Source Delegated -Node $client -Verbose 4>&1
        "$story" | Should -Match '1 providers of 3 .*1 malformed, 1 of a kind not known'
    }
}

Describe 'Find-BitswapProvider -Probe' {
    It 'tells whether each serves the block now, and hangs up' {
        $empty = Start-BitswapNode
        Set-Provider $router $away.Cid $far, $empty, $gone
        $found = @{}
        Find-BitswapProvider $away.Cid -Router $router.Uri -Probe -Node $client | ForEach-Object { $found["$($_.PeerId)"] = $_ }
        $found.Count | Should -Be 3
        $found["$($far.PeerId)"].Serving | Should -BeTrue
        $found["$($far.PeerId)"].Answer | Should -Be 'Have'
        $found["$($far.PeerId)"].Latency | Should -BeGreaterThan ([timespan]::Zero)
        $found["$($empty.PeerId)"].Serving | Should -BeFalse
        $found["$($empty.PeerId)"].Answer | Should -Be 'DontHave'
        $found["$($gone.PeerId)"].Serving | Should -BeFalse
        $found["$($gone.PeerId)"].Answer | Should -Be 'Unreachable'
        Wait-Until { @($client.Peers).Count -eq 1 } -Because 'what was connected for the probe alone is disconnected'
        $client.Peers | Should -Be $pair.Provider.PeerId
        Stop-BitswapNode $empty
        Set-Provider $router $away.Cid $far
    }

    It 'leaves a connection that was there, and asks over it' {
        Set-Provider $router $near.Cid $pair.Provider
        $found = Find-BitswapProvider $near.Cid -Router $router.Uri -Source Delegated -Probe -Node $client
        $found.Connected | Should -BeTrue
        $found.Answer | Should -Be 'Have'
        $client.Peers | Should -Contain $pair.Provider.PeerId
    }

    It 'tells of a peer that says nothing' {
        $network = New-BitswapTestNetwork -Seed 3
        $asks = Start-BitswapNode -Network $network
        $mute = Start-BitswapNode -Network $network
        $null = Connect-BitswapPeer $mute -Node $asks
        $network.SetSilent($mute, $true)
        $cid = New-UnknownCid
        Set-Provider $router $cid $mute
        $found = Find-BitswapProvider $cid -Router $router.Uri -Source Delegated -Probe -TimeoutSeconds 0.3 -Node $asks
        $found.Answer | Should -Be 'Silent'
        $found.Serving | Should -BeNullOrEmpty
        $network.Dispose()
    }

    It 'merges what several sources say until it is done' {
        $network = New-BitswapTestNetwork -Seed 4 -LatencyMilliseconds 300
        $asks = Start-BitswapNode -Network $network
        $has = Start-BitswapNode -Network $network
        $block = 'twice named' | Add-BitswapBlock -Node $has
        $second = [BitswapTestRouter]::new()
        $second.Answers["$($block.Cid)"] = (@{ Schema = 'peer'; ID = "$($has.PeerId)"; Addrs = @('/ip4/192.0.2.1/tcp/1'); Protocols = @('unknown') } | ConvertTo-Json -Compress)
        Set-Provider $router $block.Cid $has
        $found = Find-BitswapProvider $block.Cid -Router $router.Uri, $second.Uri -Probe -Node $asks
        $found | Should -HaveCount 1
        $found.Answer | Should -Be 'Have'
        @($found.Addresses).Count | Should -Be 2
        @($found.Protocols | Sort-Object) | Should -Be 'transport-bitswap', 'unknown'
        $second.Dispose()
        $network.Dispose()
    }

    It 'gives a provider up for its protocols when all have been named, and not at the first' {
        $network = New-BitswapTestNetwork -Seed 5
        $asks = Start-BitswapNode -Network $network
        $has = Start-BitswapNode -Network $network
        $block = 'named in two records' | Add-BitswapBlock -Node $has
        $address = $has.Addresses[0] -replace '/p2p/.*$'
        $other, $bitswap = 'unknown', 'transport-bitswap' | ForEach-Object {
            @{ Schema = 'peer'; ID = "$($has.PeerId)"; Addrs = @($address); Protocols = @($_) } | ConvertTo-Json -Compress
        }
        $named = [BitswapTestRouter]::new()
        $named.Answers["$($block.Cid)"] = "$other`n$bitswap"
        (Find-BitswapProvider $block.Cid -Router $named.Uri -Probe -Node $asks).Answer | Should -Be 'Have'
        Disconnect-BitswapPeer $has -Node $asks -ErrorAction Ignore
        Wait-Until { -not (Get-BitswapPeer -Node $asks) }
        $named.Answers["$($block.Cid)"] = $other
        (Find-BitswapProvider $block.Cid -Router $named.Uri -Probe -Node $asks).Answer | Should -Be 'CannotAsk'
        $named.Dispose()
        $network.Dispose()
    }
}

Describe 'Find-BitswapProvider, when a router fails,' {
    It 'reports it and gives what the others know' {
        $bad = [BitswapTestRouter]::new()
        $bad.Status = '503 Service Unavailable'
        Set-Provider $bad $near.Cid $far
        $found = Find-BitswapProvider $near.Cid -Router $bad.Uri -Node $client -ErrorVariable failed -ErrorAction SilentlyContinue
        $found.PeerId | Should -Be $pair.Provider.PeerId
        $failed.FullyQualifiedErrorId | Should -Be 'RouterRefused,Bitswap.Commands.FindBitswapProviderCommand'
        $failed[0].TargetObject | Should -Be $bad.Uri
        $failed[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        $bad.Dispose()
        (Get-Failure { Find-BitswapProvider $near.Cid -Router $bad.Uri -Node $client }).FullyQualifiedErrorId | Should -Match '^RouterUnreachable,'
    }

    It 'is told, as the others are, by Get-BitswapBlock -Verbose' {
        $good = [BitswapTestRouter]::new()
        $bad = [BitswapTestRouter]::new()
        $bad.Status = '500 Internal Server Error'
        $asks = Start-BitswapNode -Router $good.Uri, $bad.Uri
        $cid = New-UnknownCid
        $story = $cid | Get-BitswapBlock -Node $asks -TimeoutSeconds 10 -Verbose -ErrorAction SilentlyContinue 4>&1 | Where-Object { $_ -is [Management.Automation.VerboseRecord] } | ForEach-Object Message
        $story -match "$([regex]::Escape($good.Uri.Authority)).* gave .* of $cid" | Should -Not -BeNullOrEmpty
        $story -match "$([regex]::Escape($bad.Uri.Authority)).* cannot be asked for providers of $cid.*500" | Should -Not -BeNullOrEmpty
        Stop-BitswapNode $asks
        $good.Dispose()
        $bad.Dispose()
    }

    It 'gives up a silent one when its time is over' {
        $silent = [BitswapTestRouter]::new()
        $silent.IsSilent = $true
        $timer = [Diagnostics.Stopwatch]::StartNew()
        $failure = Get-Failure { Find-BitswapProvider $near.Cid -Router $silent.Uri -Source Delegated -TimeoutSeconds 0.2 -Node $client }
        $failure.FullyQualifiedErrorId | Should -Match '^Timeout,'
        $timer.Elapsed.TotalSeconds | Should -BeLessThan 5
        $silent.Dispose()
    }

    It 'refuses what is no router, and a search of routers without one' {
        (Get-Failure { Find-BitswapProvider $near.Cid -Router 'ftp://a.example' -Node $client }).FullyQualifiedErrorId | Should -Match '^InvalidRouter,'
        (Get-Failure { Find-BitswapProvider $near.Cid -Router 'a.example' -Node $client }).FullyQualifiedErrorId | Should -Match '^InvalidRouter,'
        (Get-Failure { Find-BitswapProvider $near.Cid -Source Delegated -Node $client }).FullyQualifiedErrorId | Should -Match '^NoRouter,'
        (Get-Failure { Find-BitswapProvider $near.Cid -Source Dht -Node $client }).FullyQualifiedErrorId | Should -Match '^NoRouter,'
    }
}

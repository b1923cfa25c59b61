BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    $node = Start-BitswapNode -Name plain
    $gone = Start-BitswapNode
    $null = Stop-BitswapNode $gone
    $announcer = Start-BitswapNode -Name announcer -Option @{ DhtBootstrap = $gone.Addresses }
    $block = 'it is here' | Add-BitswapBlock -Node $announcer
}
AfterAll {
    Clear-Nodes
}

Describe 'Publish-BitswapProvider' {
    It 'says that a node without a DHT has nobody to tell, and how to name one' {
        $failure = Get-Failure { 'a block' | Add-BitswapBlock -Node $node | Publish-BitswapProvider -Node $node }
        $failure.FullyQualifiedErrorId | Should -Be 'NoRouter,Bitswap.Commands.PublishBitswapProviderCommand'
        $failure.ErrorDetails.RecommendedAction | Should -Match 'DhtBootstrap'
    }

    It 'publishes nothing that the node does not have, and goes on with the next' {
        $unknown = New-UnknownCid
        $null = $unknown, $block | Publish-BitswapProvider -Node $announcer -ErrorVariable failed -ErrorAction SilentlyContinue
        @($failed.FullyQualifiedErrorId | Sort-Object) | Should -Be 'BlockNotFound,Bitswap.Commands.PublishBitswapProviderCommand', 'RouterUnreachable,Bitswap.Commands.PublishBitswapProviderCommand'
        @($failed.TargetObject | ForEach-Object { "$_" }) | Should -Contain "$unknown"
    }

    It 'reads what a person may paste: <_>' -ForEach '{0}', ' {0} ', 'ipfs://{0}', 'https://host.example/ipfs/{0}?filename=a', '[a block](/ipfs/{0})' {
        $failure = Get-Failure { Publish-BitswapProvider ($_ -f $block.Cid) -Node $announcer }
        $failure.FullyQualifiedErrorId | Should -Match '^RouterUnreachable,'
        $failure.TargetObject | Should -Be $block.Cid
    }

    It 'tells nobody of a block that follows from its CID' {
        Publish-BitswapProvider bafkqabtimvwgy3yk -Node $announcer -WarningVariable told -WarningAction SilentlyContinue | Should -BeNullOrEmpty
        "$told" | Should -Match 'itself'
    }

    It 'asks nobody with -WhatIf' {
        Publish-BitswapProvider $block -Node $announcer -WhatIf -ErrorAction Stop | Should -BeNullOrEmpty
    }

    It 'tries all roots: what is pinned, without what is below, and what was added' {
        $folder = Join-Path $TestDrive 'roots'
        $null = New-Item $folder -ItemType Directory
        'one', 'two' | ForEach-Object { Set-Content (Join-Path $folder "$_.txt") $_ }
        $rooted = Start-BitswapNode -Option @{ DhtBootstrap = $gone.Addresses }
        $root = (Add-BitswapFile $folder -Recurse -Node $rooted).Cid
        $other = ('single' | Add-BitswapBlock -Node $rooted).Cid
        $null = Publish-BitswapProvider -Root -Node $rooted -ErrorVariable failed -ErrorAction SilentlyContinue
        @($failed.TargetObject | ForEach-Object { "$_" } | Sort-Object) | Should -Be @($root, $other | Sort-Object)
        # told once for both
        $failed.Count | Should -Be 1
        $failed.FullyQualifiedErrorId | Should -BeLike 'RouterUnreachable,*'
        $failed.Exception.Message | Should -Match '2 blocks are not published for this reason'
        $null = Publish-BitswapProvider -Pinned -Node $rooted -ErrorAction Stop
        $null = Add-BitswapPin $root -Node $rooted
        $null = Publish-BitswapProvider -Pinned -Node $rooted -ErrorVariable failed -ErrorAction SilentlyContinue
        # the folder and its two files
        $failed.Count | Should -Be 1
        @($failed.TargetObject).Count | Should -Be 3
        "$root" | Should -BeIn @($failed.TargetObject | ForEach-Object { "$_" })
        Publish-BitswapProvider -Pinned -Node $rooted -WhatIf -ErrorAction Stop | Should -BeNullOrEmpty
        Publish-BitswapProvider -Root:$false -Node $rooted -ErrorAction Stop | Should -BeNullOrEmpty
        $null = Stop-BitswapNode $rooted
    }
}

Describe 'The option Provide of Start-BitswapNode' {
    It 'needs a DHT, and says so' {
        $failure = Get-Failure { Start-BitswapNode -Option @{ Provide = 'Roots' } }
        $failure.FullyQualifiedErrorId | Should -Be 'InvalidOption,Bitswap.Commands.StartBitswapNodeCommand'
        "$failure" | Should -Match 'DhtBootstrap'
    }

    It 'takes the names of what is announced, and no others' {
        $failure = Get-Failure { Start-BitswapNode -Option @{ DhtBootstrap = $gone.Addresses; Provide = 'Some' } }
        $failure.FullyQualifiedErrorId | Should -Be 'InvalidOption,Bitswap.Commands.StartBitswapNodeCommand'
        "$failure" | Should -Match 'None, Roots, Pinned, All'
    }

    It 'shows in Get-BitswapStat what is announced, and why it fails' {
        (Get-BitswapStat $node).Providing | Should -BeNullOrEmpty
        $by = Start-BitswapNode -Name provides -Option @{ DhtBootstrap = $gone.Addresses; Provide = 'roots' }
        $null = 'announced by itself' | Add-BitswapBlock -Node $by
        Wait-Until { (Get-BitswapStat $by).Providing.Failure }
        $providing = (Get-BitswapStat $by).Providing
        $providing.Strategy | Should -Be 'Roots'
        $providing.Announced | Should -Be 0
        $providing.Waiting | Should -Be 1
        $providing.NextDue | Should -BeGreaterThan ([DateTimeOffset]::UtcNow.AddSeconds(20))
        $providing.Failure | Should -Match 'DHT'
        $providing.SweepStarted | Should -BeNullOrEmpty
        (Get-BitswapStat $by | ConvertTo-Json | ConvertFrom-Json).Providing.Strategy | Should -Be 'Roots'
        Get-BitswapStat $by | Out-String | Should -Match 'Providing +: Roots: 0 blocks, 1 waiting, 0 announced'
        Get-BitswapStat $node | Out-String | Should -Not -Match 'Providing'
        $null = Stop-BitswapNode $by
    }

    It 'warns of a node that only its machine can reach, where the DHT is elsewhere' {
        $far = Start-BitswapNode -Option @{ DhtBootstrap = '/ip4/203.0.113.9/tcp/4001/p2p/12D3KooWLbkuHSPrVfDLV6kiHAnoAc8y86RRvRUuPx6PHSaGuJ99'; Provide = 'All' } -WarningVariable told -WarningAction SilentlyContinue
        "$told" | Should -Match 'ListenAddress'
        $null = Stop-BitswapNode $far
    }
}

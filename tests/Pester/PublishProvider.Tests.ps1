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
}

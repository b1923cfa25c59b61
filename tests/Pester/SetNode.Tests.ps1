# What of a node can be changed while it runs.
BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    . "$PSScriptRoot/Router.ps1"
}

Describe 'Set-BitswapNode' {
    AfterEach { Clear-Nodes }

    It 'changes the upload rate, for what waits to be sent too' {
        $slow = Start-BitswapNode -Option @{ UploadRate = 1KB }
        $client = Start-BitswapNode
        $null = Connect-BitswapPeer $slow -Node $client
        $added = 1..40 | ForEach-Object { , [byte[]] (, $_ * 100KB) } | Add-BitswapBlock -Node $slow
        $want = $added | Start-BitswapWant -Node $client
        Wait-Until { (Get-BitswapStat $client).BlocksReceived -ge 1 }
        (Get-BitswapStat $client).BlocksReceived | Should -BeLessThan 40
        Set-BitswapNode $slow -Option @{ UploadRate = 0 }
        @($want | Wait-BitswapWant -TimeoutSeconds 30) | Should -HaveCount 40
    }

    It 'asks another router, and none' {
        $router = [BitswapTestRouter]::new()
        try {
            $far = Start-BitswapNode -Name far
            $away = 'found by a router' | Add-BitswapBlock -Node $far
            $more = 'found by none' | Add-BitswapBlock -Node $far
            foreach ($block in $away, $more) { Set-Provider $router $block.Cid $far }
            $node = Start-BitswapNode -Name asks
            (Get-Failure { Get-BitswapBlock $away.Cid -Node $node }).FullyQualifiedErrorId | Should -Match '^BlockUnavailable,'
            Set-BitswapNode $node -Router $router.Uri
            Get-BitswapBlock $away.Cid -Node $node -AsString | Should -Be 'found by a router'
            (Find-BitswapProvider $more.Cid -Source Delegated -Node $node).PeerId | Should -Be $far.PeerId
            Disconnect-BitswapPeer $far -Node $node
            Set-BitswapNode $node -Router @()
            (Get-Failure { Get-BitswapBlock $more.Cid -Node $node }).FullyQualifiedErrorId | Should -Match '^BlockUnavailable,'
            (Get-Failure { Find-BitswapProvider $more.Cid -Source Delegated -Node $node }).FullyQualifiedErrorId | Should -Match '^NoRouter,'
        }
        finally {
            $router.Dispose()
        }
    }

    It 'refuses what is no router, and asks those before' {
        $router = [BitswapTestRouter]::new()
        try {
            $far = Start-BitswapNode -Name far
            $away = 'found by the first' | Add-BitswapBlock -Node $far
            Set-Provider $router $away.Cid $far
            $node = Start-BitswapNode -Name asks -Router $router.Uri
            (Get-Failure { Set-BitswapNode $node -Router 'ftp://router.example' }).FullyQualifiedErrorId | Should -Match '^InvalidRouter,'
            Set-BitswapNode $node -Router https://router.example -WhatIf
            Get-BitswapBlock $away.Cid -Node $node -AsString | Should -Be 'found by the first'
        }
        finally {
            $router.Dispose()
        }
    }

    It 'gives the node with -PassThru alone' {
        $node = Start-BitswapNode
        Set-BitswapNode $node -Option @{ ClientOnly = $true } | Should -BeNullOrEmpty
        (Set-BitswapNode $node -Option @{ ClientOnly = $false } -PassThru).Name | Should -Be $node.Name
    }

    It 'stops serving, and serves again' {
        $node = Start-BitswapNode
        $block = 'a block' | Add-BitswapBlock -Node $node
        Set-BitswapNode $node -Option @{ ClientOnly = $true }
        $client = Start-BitswapNode
        $null = Connect-BitswapPeer $node -Node $client
        Test-BitswapBlock $block -Peer $node -Node $client | Should -BeFalse
        $node | Set-BitswapNode -Option @{ clientonly = $false }
        Test-BitswapBlock $block -Peer $node -Node $client | Should -BeTrue
    }

    It 'puts another filter in the place of the first' {
        $node = Start-BitswapNode -Filter { $false }
        $block = 'a block' | Add-BitswapBlock -Node $node
        $client = Start-BitswapNode
        $null = Connect-BitswapPeer $node -Node $client
        Test-BitswapBlock $block -Peer $node -Node $client | Should -BeFalse
        $allowed = $block.Cid
        Set-BitswapNode $node -Filter { param($peer, $cid) "$cid" -eq $using:allowed }
        Test-BitswapBlock $block -Peer $node -Node $client | Should -BeTrue
        Test-BitswapBlock ('another' | Add-BitswapBlock -Node $node) -Peer $node -Node $client | Should -BeFalse

        $open = Start-BitswapNode
        $failure = Get-Failure { Set-BitswapNode $open -Filter { $true } }
        $failure.FullyQualifiedErrorId | Should -BeLike 'InvalidOption,*'
        "$failure" | Should -BeLike '*started without a filter*'
    }

    It 'sets all options, or none: <Why>' -ForEach @(
        @{ Why = 'one is unknown'; Option = @{ UploadRate = 1KB; NoSuchOption = 1 }; Says = "*no option 'NoSuchOption'*" }
        @{ Why = 'one is out of range'; Option = @{ UploadRate = 1KB; MaxWants = 0 }; Says = '*MaxWants must be*' }
        @{ Why = 'one is for the start'; Option = @{ UploadRate = 1KB; MaxConnections = 5 }; Says = "*'MaxConnections' cannot be changed while the node runs*" }
    ) {
        $node = Start-BitswapNode
        $client = Start-BitswapNode
        $null = Connect-BitswapPeer $node -Node $client
        $failure = Get-Failure { Set-BitswapNode $node -Option $Option }
        $failure.FullyQualifiedErrorId | Should -BeLike 'InvalidOption,*'
        "$failure" | Should -BeLike $Says
        # at 1 KiB/s the second would take a minute
        1..2 | ForEach-Object { , [byte[]] (, $_ * 60KB) } | Add-BitswapBlock -Node $node | Get-BitswapBlock -Node $client -TimeoutSeconds 20 | Should -HaveCount 2
    }

    It 'does nothing with -WhatIf, and takes each option that its page names' {
        $node = Start-BitswapNode
        $block = 'a block' | Add-BitswapBlock -Node $node
        $client = Start-BitswapNode
        $null = Connect-BitswapPeer $node -Node $client
        Set-BitswapNode $node -Option @{ ClientOnly = $true } -WhatIf
        Test-BitswapBlock $block -Peer $node -Node $client | Should -BeTrue
        $page = [IO.File]::ReadAllText("$RepositoryRoot/docs/en-US/Set-BitswapNode.md")
        $assembly = [AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.GetName().Name -eq 'Bitswap.Node' } | Select-Object -First 1
        $named = $assembly.GetType('Bitswap.Node.NodeHost', $true).GetProperty('LiveOptions').GetValue($null)
        $named | Should -Contain 'UploadRate'
        foreach ($name in $named) { $page | Should -Match "``$name``" }
    }
}

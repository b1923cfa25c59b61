BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    . "$PSScriptRoot/Router.ps1"

    # The server of the tests, as a trustless gateway with one block.
    function New-Gateway {
        $gateway = [BitswapTestRouter]::new()
        $gateway.Type = 'application/vnd.ipld.raw'
        $gateway.Answers['bafkqaaa?format=raw'] = ''
        $gateway.Answers["$cid`?format=raw"] = 'it is at a gateway'
        $gateway
    }

    $cid = ('it is at a gateway' | Get-BitswapCid).Cid
    $gateway = New-Gateway
}
AfterAll {
    $gateway.Dispose()
    Clear-Nodes
}

Describe 'A node with a gateway' {
    It 'fetches blocks over HTTP, without any other peer' {
        $own = Start-BitswapNode -Gateway $gateway.Uri
        Get-BitswapBlock $cid -Node $own -AsString | Should -Be 'it is at a gateway'
        $gateway.Requests | Should -Contain "/ipfs/$cid`?format=raw"
        Stop-BitswapNode $own
    }

    It 'has it as a peer, under an id of its own' {
        $own = Start-BitswapNode -Option @{ Gateways = "$($gateway.Uri)" }
        Wait-Until { Get-BitswapPeer -Node $own }
        $peer = Get-BitswapPeer -Node $own
        $peer.Address | Should -BeLike "/ip4/127.0.0.1/tcp/$($gateway.Uri.Port)/http/p2p/Qm*"
        $peer.Address | Should -BeLike "*$($peer.PeerId)"
        $peer.Protocols | Should -Be 'transport-ipfs-gateway-http'
        $peer.BitswapVersion | Should -BeNullOrEmpty
        $peer.Direction | Should -Be 'Outbound'
        Test-BitswapPeer $peer -Node $own -Count 1 -Quiet | Should -BeTrue
        $block = Get-BitswapBlock $cid -Node $own
        $block.From | Should -Be $peer.PeerId
        (Get-BitswapPeer -Node $own).Received | Should -Be 18
        Stop-BitswapNode $own
    }

    It 'tells what it answered in the place of a block' {
        $refuses = New-Gateway
        $own = Start-BitswapNode -Gateway $refuses.Uri
        Wait-Until { Get-BitswapPeer -Node $own }
        $none = New-UnknownCid
        $failure = Get-Failure { Get-BitswapBlock $none -Node $own }
        $failure.FullyQualifiedErrorId | Should -Match '^BlockUnavailable,'
        $failure.Exception.Answers.Answer | Should -Be 'DontHave'

        $refuses.Status = '451 Unavailable For Legal Reasons'
        $failure = Get-Failure { Get-BitswapBlock $cid -Node $own }
        $failure.Exception.Answers.Answer | Should -Be 'Refused'
        $failure.Exception.Answers.Detail | Should -Be 'it answered 451 (UnavailableForLegalReasons)'
        $failure.Exception.Message | Should -BeLike '*did not give it*451*'

        $refuses.Status = '200 OK'
        $lie = New-UnknownCid
        $refuses.Answers["$lie`?format=raw"] = 'something else'
        $failure = Get-Failure { Get-BitswapBlock $lie -Node $own }
        $failure.Exception.Answers.Answer | Should -Be 'WrongBlock'
        (Get-BitswapStat -Node $own).UnwantedBlocks | Should -Be 1
        Stop-BitswapNode $own
        $refuses.Dispose()
    }

    Context 'that has CARs' {
        BeforeAll {
            $sub = New-Item (Join-Path $TestDrive carfolder/sub) -ItemType Directory -Force
            1..20 | ForEach-Object { Set-Content (Join-Path $sub "$_.txt") "file $_" }
            $source = Start-BitswapNode
            $root = (Add-BitswapFile $sub.Parent.FullName -Recurse -Chunker size-16 -Node $source).Cid
            $serves = New-Gateway
            $null = Export-BitswapCar $root "$TestDrive/folder.car" -Node $source
            $serves.Cars["$root"] = [IO.File]::ReadAllBytes("$TestDrive/folder.car")
        }

        AfterAll {
            Stop-BitswapNode $source
            $serves.Dispose()
        }

        It 'gives a folder in one request' {
            Save-BitswapFile $root "$TestDrive/carsaved" -Name it -Gateway $serves.Uri
            1..20 | ForEach-Object { Get-Content "$TestDrive/carsaved/it/sub/$_.txt" | Should -Be "file $_" }
            $serves.Requests.Where{ $_ -notlike '*bafkqaaa*' } | Should -Be "/ipfs/$root`?format=car&dag-scope=all&car-version=1&car-order=dfs&car-dups=n"
        }

        It 'lists a folder by one request for it, and one for each folder in it' {
            $first = $serves.Requests.Count
            (Get-BitswapFile $root -Gateway $serves.Uri).Name | Should -Be 'sub'
            @($serves.Requests)[$first..100].Where{ $_ -notlike '*bafkqaaa*' } | Should -Be @(
                "/ipfs/$root`?format=car&dag-scope=entity&entity-bytes=0:0&car-version=1&car-order=dfs&car-dups=n"
            )
        }

        It 'shows a graph by one request' {
            $node = Start-BitswapNode -Gateway $serves.Uri
            $first = $serves.Requests.Count
            $shown = Show-BitswapDag $root -Fetch -Node $node
            $shown.State | Should -Not -Contain 'Missing'
            @($serves.Requests)[$first..100].Where{ $_ -notlike '*bafkqaaa*' } | Should -Be @(
                "/ipfs/$root`?format=car&dag-scope=all&car-version=1&car-order=dfs&car-dups=n"
            )
            Stop-BitswapNode $node
        }

        It 'is asked for single blocks where MaxCarBytes is 0' {
            $node = Start-BitswapNode -Gateway $serves.Uri -Option @{ MaxCarBytes = 0 }
            Get-Failure { Add-BitswapPin $root -Node $node } | Should -Not -BeNullOrEmpty
            $serves.Requests.Where{ $_ -notlike '*bafkqaaa*' }[-1] | Should -Be "/ipfs/$root`?format=raw"
            Stop-BitswapNode $node
        }
    }

    It 'refuses what cannot be a gateway' -TestCases @(
        @{ Given = 'ftp://a.example' }
        @{ Given = 'a.example' }
        @{ Given = 'https://a.example/ipfs/?format=raw' }
        @{ Given = 'https://me:secret@a.example' }
    ) {
        param($Given)
        (Get-Failure { Start-BitswapNode -Gateway $Given }).FullyQualifiedErrorId | Should -Match '^InvalidGateway,'
        (Get-Failure { Start-BitswapNode -Option @{ Gateways = $Given } }).FullyQualifiedErrorId | Should -Match '^InvalidOption,'
    }

    It 'asks providers that a router names with an address of HTTP, where it is told to' {
        $router = [BitswapTestRouter]::new()
        $named = @{ PeerId = (Start-BitswapNode -Name namesake).PeerId; Addresses = @("/ip4/127.0.0.1/tcp/$($gateway.Uri.Port)/http") }
        $router.Answers["$cid"] = ($named | ConvertTo-ProviderRecord -Protocols 'transport-ipfs-gateway-http') + "`n"
        $off = Start-BitswapNode -Router $router.Uri
        $failure = Get-Failure { Get-BitswapBlock $cid -Node $off }
        $failure.Exception.Message | Should -BeLike '*Providers: 1 named: 1 HTTP.*'
        Stop-BitswapNode $off

        $on = Start-BitswapNode -Router $router.Uri -Option @{ HttpRetrieval = $true }
        $found = Find-BitswapProvider $cid -Node $on -Probe
        $found.Serving | Should -BeTrue
        $found.PeerId | Should -Not -Be $named.PeerId
        $found.Protocols | Should -Be 'transport-ipfs-gateway-http'
        (Get-BitswapBlock $cid -Node $on).From | Should -Be $found.PeerId
        Stop-BitswapNode $on
        Stop-BitswapNode namesake
        $router.Dispose()
    }
}

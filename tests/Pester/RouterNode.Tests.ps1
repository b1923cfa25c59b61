BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    . "$PSScriptRoot/Router.ps1"
    $far = Start-BitswapNode -Name far
    $router = [BitswapTestRouter]::new()

    # A block that a peer far away has, whom the router names for it.
    $away = 'it is far away' | Add-BitswapBlock -Node $far
    Set-Provider $router $away.Cid $far

    $gone = Start-BitswapNode
    $null = Stop-BitswapNode $gone
}
AfterAll {
    $router.Dispose()
    Clear-Nodes
}

Describe 'A node with a router' {
    It 'fetches what no peer of it has, without being connected to anybody' {
        Set-Provider $router $away.Cid $far
        $own = Start-BitswapNode -Router $router.Uri
        $block = Get-BitswapBlock $away.Cid -Node $own
        $block.From | Should -Be $far.PeerId
        $own.Peers | Should -Be $far.PeerId
        Stop-BitswapNode $own
    }

    It 'joins the public network by one switch, each part of which can be replaced' {
        $told = Start-BitswapNode -Public -Name public -Verbose 4>&1
        "$told" | Should -Match 'asks these for providers, and they learn what it looks for: https://delegated-ipfs\.dev/?; the DHT, which begins at /dnsaddr/bootstrap\.libp2p\.io/p2p/Qm'
        Stop-BitswapNode public

        Set-Provider $router $away.Cid $far
        $told = Start-BitswapNode -Public -Name public -Router $router.Uri -Option @{ DhtBootstrap = @() } -Verbose 4>&1
        "$told" | Should -Match "what it looks for: $([regex]::Escape("$($router.Uri)".TrimEnd('/')))/?; over HTTP, the gateways that these name as providers"
        (Get-BitswapBlock $away.Cid -Node public).From | Should -Be $far.PeerId
        Stop-BitswapNode public
        $told = Start-BitswapNode -Public -Name public -Router $router.Uri -Option @{ DhtBootstrap = @(); HttpRetrieval = $false; ResolveNames = $false } -Verbose 4>&1
        "$told" | Should -Match "what it looks for: $([regex]::Escape("$($router.Uri)".TrimEnd('/')))/?( |$)"
        Stop-BitswapNode public

        $network = New-BitswapTestNetwork
        { Start-BitswapNode -Public -Network $network } | Should -Throw -ErrorId 'AmbiguousParameterSet,*' -Because 'the nodes of a test network reach each other alone'
    }

    It 'remembers that it is public' {
        $folder = New-TemporaryFolder
        Start-BitswapNode -Path "$folder/r" -Public -Save | Stop-BitswapNode
        (Get-Content -Raw "$folder/r/settings.json" | ConvertFrom-Json).Public | Should -BeTrue
        "$(Start-BitswapNode -Path "$folder/r" -Name kept -Verbose 4>&1)" | Should -Match 'asks these for providers'
        Stop-BitswapNode kept
        "$(Start-BitswapNode -Path "$folder/r" -Name kept -Public:$false -Verbose 4>&1)" | Should -Not -Match 'asks these for providers'
        Stop-BitswapNode kept
        Remove-Item -LiteralPath $folder -Recurse -Force
    }

    It 'fetches a file by it' {
        $folder = New-TemporaryFolder
        [IO.File]::WriteAllBytes("$folder/big", [byte[]]::new(3MB))
        $file = Add-BitswapFile "$folder/big" -Node $far
        Set-Provider $router $file.Cid $far
        $own = Start-BitswapNode -Option @{ Routers = "$($router.Uri)" }
        (Save-BitswapFile $file.Cid -Destination $folder -Name copy -PassThru -Node $own).Length | Should -Be 3MB
        Stop-BitswapNode $own
        Remove-Item -LiteralPath $folder -Recurse -Force
    }

    It 'says at once that nobody has a block, and who was named and cannot be asked' {
        $own = Start-BitswapNode -Router $router.Uri
        $timer = [Diagnostics.Stopwatch]::StartNew()
        (Get-Failure { New-UnknownCid | Get-BitswapBlock -Node $own }).FullyQualifiedErrorId | Should -Match '^BlockUnavailable,'
        $timer.Elapsed.TotalSeconds | Should -BeLessThan 10
        Stop-BitswapNode $own
    }

    It 'has Find-BitswapProvider ask it' {
        $own = Start-BitswapNode -Router $router.Uri
        (Find-BitswapProvider $away.Cid -Node $own).PeerId | Should -Be $far.PeerId
        Find-BitswapProvider $away.Cid -Source Peers -Node $own | Should -BeNullOrEmpty
        Stop-BitswapNode $own
    }

    It 'asks the DHT where it was told of a peer of it, and reports that nobody answers there' {
        $own = Start-BitswapNode -Option @{ DhtBootstrap = $gone.Addresses }
        $failure = Get-Failure { Find-BitswapProvider $away.Cid -Source Dht -Node $own }
        $failure.FullyQualifiedErrorId | Should -Match '^RouterUnreachable,'
        $failure.Exception.Message | Should -Match 'DHT'
        Stop-BitswapNode $own
        (Get-Failure { Start-BitswapNode -Network (New-BitswapTestNetwork) -Option @{ DhtBootstrap = $gone.Addresses } }).FullyQualifiedErrorId | Should -Match '^InvalidOption,'
        (Get-Failure { Start-BitswapNode -Option @{ DhtBootstrap = '/ip4/192.0.2.1/tcp/1' } }).FullyQualifiedErrorId | Should -Match '^InvalidOption,'
    }

    It 'is not started with what is no router' {
        (Get-Failure { Start-BitswapNode -Router 'a.example' }).FullyQualifiedErrorId | Should -Match '^InvalidRouter,'
        (Get-Failure { Start-BitswapNode -Option @{ Routers = 'a.example' } }).FullyQualifiedErrorId | Should -Match '^InvalidOption,'
        (Get-Failure { Start-BitswapNode -Option @{ MaxRouterRecords = 0 } }).FullyQualifiedErrorId | Should -Match '^InvalidOption,'
    }
}

Describe 'Records of providers as the network has them' {
    BeforeEach {
        $own = Start-BitswapNode -Router $router.Uri
        $bare = '{"Schema":"peer","ID":"' + $far.PeerId + '","Protocols":["transport-bitswap"]}'
    }
    AfterEach {
        Stop-BitswapNode $own
        $router.Answers.Clear()
        Set-Provider $router $away.Cid $far
    }

    It 'looks up at the router where a provider without an address is' {
        $router.Answers["$($away.Cid)"] = $bare
        Set-Provider $router "$(([Bitswap.PeerId] $far.PeerId).ToCid())" $far
        $found = Find-BitswapProvider $away.Cid -Probe -Node $own
        $found.Serving | Should -BeTrue
        $found.Addresses | Should -Be $far.Addresses
        $found.Reason | Should -BeNullOrEmpty
        @($router.Requests | Where-Object { $_ -eq "/routing/v1/peers/$(([Bitswap.PeerId] $far.PeerId).ToCid())" }) | Should -HaveCount 1
        (Find-BitswapProvider $away.Cid -Node $own).Addresses | Should -Be $far.Addresses
        Get-BitswapBlock $away.Cid -AsString -Node $own | Should -Be 'it is far away'
    }

    It 'tells of a provider that nobody knows the address of, and probes the one beside it' {
        $lost = '{"Schema":"peer","ID":"' + $gone.PeerId + '","Protocols":["transport-bitswap"]}'
        $router.Answers["$($away.Cid)"] = "$lost`n$($far | ConvertTo-ProviderRecord)"
        $found = Find-BitswapProvider $away.Cid -Probe -Node $own -ErrorAction Stop
        $found | Should -HaveCount 2
        ($found | Where-Object Serving).PeerId | Should -Be $far.PeerId
        $other = $found | Where-Object PeerId -EQ $gone.PeerId
        $other.Serving | Should -BeFalse
        $other.Answer | Should -Be 'Unreachable'
        $other.Reason | Should -Match 'no address of it is known'
    }

    It 'names those that cannot be asked, with the reason' {
        $router.Answers["$($away.Cid)"] = @(
            @{ Schema = 'peer'; ID = "$($gone.PeerId)"; Addrs = @('/ip4/192.0.2.1/udp/4001/quic-v1'); Protocols = @('transport-bitswap') } | ConvertTo-Json -Compress
            @{ Schema = 'peer'; ID = "$($far.PeerId)"; Addrs = @('/dns4/a.example/tcp/443/https'); Protocols = @('transport-ipfs-gateway-http') } | ConvertTo-Json -Compress) -join "`n"
        (Get-Failure { Get-BitswapBlock $away.Cid -Node $own }).Exception.Message | Should -Match '2 named: 1 HTTP, 1 QUIC\.'
        $found = Find-BitswapProvider $away.Cid -Probe -Node $own -Verbose 4>&1
        "$($found | Where-Object { $_ -is [System.Management.Automation.VerboseRecord] })" | Should -Match '2 named: 1 HTTP, 1 QUIC'
        $reasons = ($found | Where-Object { $_ -is [Bitswap.BitswapProvider] }).Reason -join '; '
        $reasons | Should -Match 'QUIC alone'
        $reasons | Should -Match 'by HTTP'
        $plain = Find-BitswapProvider $away.Cid -Node $own
        $plain.Reason | Should -Not -Contain $null
        $plain.Serving | Should -Be $null, $null
    }

    It 'reads an answer that is <What>' -ForEach @(
        @{ What = 'compressed'; IsCompressed = $true; Mark = @(); Type = 'application/x-ndjson' }
        @{ What = 'begun by a byte order mark'; IsCompressed = $false; Mark = 0xEF, 0xBB, 0xBF; Type = 'application/x-ndjson' }
        @{ What = 'both'; IsCompressed = $true; Mark = 0xEF, 0xBB, 0xBF; Type = 'application/x-ndjson' }
    ) {
        $coded = [BitswapTestRouter]::new()
        $coded.IsCompressed = $IsCompressed
        $coded.Mark = $Mark
        $coded.Type = $Type
        Set-Provider $coded $away.Cid $far
        (Find-BitswapProvider $away.Cid -Router $coded.Uri -Source Delegated -Node $own -ErrorAction Stop).PeerId | Should -Be $far.PeerId
        $coded.Dispose()
    }

    It 'names a router that <Status>, and what it said, and ends' -ForEach @(
        @{ Status = 'answers 500 Internal Server Error'; Type = 'text/plain'; Head = ''; Id = 'RouterRefused'; Said = 'answered 500' }
        @{ Status = 'answers 429 Too Many Requests'; Type = 'text/plain'; Head = "Retry-After: 7`r`n"; Id = 'RouterRefused'; Said = 'answered 429 .*after 7' }
        @{ Status = 'answers 302 Found'; Type = 'text/plain'; Head = "Location: file:///x`r`n"; Id = 'RouterRefused'; Said = "leads to 'file:///x'" }
        @{ Status = 'answers 200 OK'; Type = 'text/html'; Head = ''; Id = 'InvalidRouterAnswer'; Said = "it is 'text/html'" }
    ) {
        $bad = [BitswapTestRouter]::new()
        $bad.Status = $Status.Substring(8)
        $bad.Type = $Type
        $bad.Head = $Head
        Set-Provider $bad $away.Cid $far
        $failure = Get-Failure { Find-BitswapProvider $away.Cid -Router $bad.Uri -Source Delegated -Node $own }
        $failure.FullyQualifiedErrorId | Should -Match "^$Id,"
        $failure.Exception.Message | Should -Match $Said
        $asks = Start-BitswapNode -Router $bad.Uri
        $timer = [Diagnostics.Stopwatch]::StartNew()
        $failure = Get-Failure { Get-BitswapBlock $away.Cid -Node $asks }
        $timer.Elapsed.TotalSeconds | Should -BeLessThan 10
        $failure.Exception.Message | Should -Match $Said
        $failure.Exception.InnerException.ErrorId | Should -Be $Id
        Stop-BitswapNode $asks
        $bad.Dispose()
    }
}

Describe 'A graph of which only the root is announced, and the client has that already' {
    BeforeAll {
        $folder = New-TemporaryFolder
        $null = New-Item -ItemType Directory "$folder/site/a/b"
        $bytes = [byte[]]::new(700KB)
        [Random]::new(5).NextBytes($bytes)
        [IO.File]::WriteAllBytes("$folder/site/a/b/big.bin", $bytes)
        'deep down' | Set-Content -NoNewline "$folder/site/a/b/text"
        $site = Add-BitswapFile "$folder/site" -Recurse -ChunkSize 64KB -Node $far | Where-Object Name -EQ site
    }
    BeforeEach {
        $router.Answers.Clear()
        Set-Provider $router $site.Cid $far
        $own = Start-BitswapNode -Router $router.Uri

        # what a fetch that was broken off has left
        $null = Get-BitswapBlock $site.Cid -Raw -Local -Node $far | Add-BitswapBlock -Codec dag-pb -Node $own
    }
    AfterEach { Stop-BitswapNode $own }
    AfterAll { Remove-Item -LiteralPath $folder -Recurse -Force }

    It 'is saved' {
        $null = Save-BitswapFile $site.Cid -Destination $folder -Name copy -Node $own
        (Get-FileHash "$folder/copy/a/b/big.bin").Hash | Should -Be (Get-FileHash "$folder/site/a/b/big.bin").Hash
    }

    It 'gives a range of what lies deep in it' {
        $got = Get-BitswapContent "$($site.Cid)/a/b/big.bin" -Raw -Offset 300KB -Count 20 -Node $own
        [Convert]::ToHexString($got) | Should -Be ([Convert]::ToHexString($bytes[300KB..(300KB + 19)]))
        Get-BitswapContent "$($site.Cid)/a/b/text" -AsString -Node $own | Should -Be 'deep down'
    }

    It 'is listed, pinned and exported' {
        @(Get-BitswapFile $site.Cid -Recurse -Node $own).Name | Should -Contain 'big.bin'
        Stop-BitswapNode $own
        $own = Start-BitswapNode -Router $router.Uri
        $null = Get-BitswapBlock $site.Cid -Raw -Local -Node $far | Add-BitswapBlock -Codec dag-pb -Node $own
        Add-BitswapPin $site.Cid -Node $own
        Test-BitswapDag $site.Cid -Node $own | Should -BeNullOrEmpty
        Stop-BitswapNode $own
        $own = Start-BitswapNode -Router $router.Uri
        $null = Get-BitswapBlock $site.Cid -Raw -Local -Node $far | Add-BitswapBlock -Codec dag-pb -Node $own
        (Export-BitswapCar $site.Cid -Path "$folder/site.car" -Node $own).Blocks | Should -BeGreaterThan 12
    }
}

Describe 'Addresses that a router gives' {
    BeforeAll {
        $outside = '/ip4/8.8.8.8/tcp/4001', '/ip6/2600::1/tcp/4001'
        $inside = '/ip4/192.168.1.1/tcp/80', '/ip4/127.0.0.1/tcp/22', '/ip6/::ffff:127.0.0.1/tcp/22'
        function Set-Address([string[]]$Address) {
            $router.Answers["$($away.Cid)"] = @{ Schema = 'peer'; ID = "$($far.PeerId)"; Addrs = $Address; Protocols = @('transport-bitswap') } | ConvertTo-Json -Compress
        }
    }
    BeforeEach { $router.Answers.Clear() }
    AfterEach { Stop-BitswapNode $own }

    It 'are all taken from one on this machine' {
        $own = Start-BitswapNode -Router $router.Uri
        Set-Address ($outside + $inside)
        (Find-BitswapProvider $away.Cid -Source Delegated -Node $own).Addresses | Should -Be (($outside + $inside) | ForEach-Object { "$_/p2p/$($far.PeerId)" })
    }

    It 'are private alone where the node is told so, and the reason is given' {
        $own = Start-BitswapNode -Router $router.Uri -Option @{ AllowPublicAddresses = $false }
        Set-Address ($outside + $inside)
        $story = Find-BitswapProvider $away.Cid -Source Delegated -Node $own -Verbose 4>&1
        ($story | Where-Object { $_ -is [Bitswap.BitswapProvider] }).Addresses | Should -Be ($inside | ForEach-Object { "$_/p2p/$($far.PeerId)" })
        "$story" | Should -Match '2 addresses not allowed'

        Set-Address $outside
        $found = Find-BitswapProvider $away.Cid -Source Delegated -Node $own
        $found.Addresses | Should -BeNullOrEmpty
        $found.Reason | Should -Match 'AllowPublicAddresses'
        (Get-Failure { Get-BitswapBlock $away.Cid -Node $own }).Exception.Message | Should -Match '1 named: 1 address not allowed'
    }

    It 'lead nowhere that may not be asked' {
        $own = Start-BitswapNode -Router $router.Uri -Option @{ AllowPublicAddresses = $false }
        $leads = [BitswapTestRouter]::new()
        $leads.Status = '302 Found'
        $leads.Head = "Location: http://8.8.8.8/routing/v1/providers/x`r`n"
        Set-Provider $leads $away.Cid $far
        $failure = Get-Failure { Find-BitswapProvider $away.Cid -Router $leads.Uri -Source Delegated -Node $own }
        $failure.FullyQualifiedErrorId | Should -Match '^RouterRefused,'
        $failure.Exception.Message | Should -Match 'leads to 8\.8\.8\.8: the options of the node do not allow it'
        $leads.Dispose()
    }
}

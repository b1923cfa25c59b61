# What trips each error of the catalogue: a script that fails with it; or, for what no cmdlet reports by itself, a sentence that says where it is seen. A new
# id needs a line here. In a script, $node is a node that runs and $pair are two that are connected.
BeforeDiscovery {
    $trips = [ordered]@{
        AddressInUse = { Start-BitswapNode -ListenAddress ($node.Addresses[0] -replace '/p2p/.*') }
        BlockNotFound = { New-UnknownCid | Get-BitswapBlock -Local -Node $node }
        BlockTooLarge = { Add-BitswapBlock ([byte[]]::new(2MB + 1)) -Node $node }
        BlockUnavailable = { New-UnknownCid | Get-BitswapBlock -Node $pair.Client }
        CarExists = { $block = 'car' | Add-BitswapBlock -Node $node; Set-Content -LiteralPath "$folder/there.car" -Value 'x'; $block | Export-BitswapCar -Path "$folder/there.car" -Node $node }
        CidRequired = { Get-BitswapBlock -Node $node }
        ConnectionClosed = 'the network reports it of one address, and Connect-BitswapPeer tells it in the message of PeerUnreachable'
        ContentTooLarge = 'a file of more than a gibibyte in one object; Get-BitswapContent'
        DagIncomplete = { Add-BitswapPin (New-UnknownCid) -Local -Node $node }
        DagLimitExceeded = { $deep = ('[' * 300) + (']' * 300) | Add-BitswapBlock -Codec dag-json -Node $node; Export-BitswapCar $deep "$folder/deep.car" -Node $node }
        DialToSelf = { Connect-BitswapPeer $node -Node $node }
        DiscoveryFailed = { Find-BitswapPeer -Node (Start-BitswapNode -Option @{ DiscoverOn = 'no such interface' }) }
        DiskFull = {
            # a file of one part, which is to have 2 TiB
            [Bitswap.Cid] $part = (Get-BitswapCid 'part').Cid
            $link = @(0x0a, $part.ByteLength) + $part.ToByteArray() + @(0x12, 0, 0x18, 0)
            $data = [byte[]](8, 2, 0x18, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40, 0x20, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40)
            $huge = Add-BitswapBlock ([byte[]](@(0x12, $link.Length) + $link + @(0x0a, $data.Length) + $data)) -Codec dag-pb -Node $node
            Save-BitswapFile $huge -Destination $folder -AllowLarge -Node $node
        }
        DuplicateName = { 'a/same', 'b/same' | ForEach-Object { New-Item -Path "$folder/$_" -Force } | Add-BitswapFile -Wrap -Node $node }
        FileChanged = 'of a file that is written to while it is added, which the tests of Bitswap.Dag do'
        FileUnreadable = { $null = New-Item -ItemType SymbolicLink -Path "$folder/dangling/link" -Target "$folder/nowhere" -Force; Add-BitswapFile "$folder/dangling" -Recurse -Symlink Follow -Node $node }
        ForeignStore = { $null = New-Item "$folder/SHARDING" -Value '/repo/flatfs/shard/v1/next-to-last/2'; Clear-BitswapStore -Node (Start-BitswapNode -BlockStore $folder) -Confirm:$false }
        HandshakeFailed = 'the network reports it of one address, and Connect-BitswapPeer tells it in the message of PeerUnreachable'
        HandshakeTimeout = 'the network reports it of one address, and Connect-BitswapPeer tells it in the message of PeerUnreachable'
        IdentityMismatch = { Start-BitswapNode -Path $folder -Seed one | Stop-BitswapNode; Start-BitswapNode -Path $folder -Seed two }
        InvalidBlock = { Add-BitswapBlock 'data' -Cid (New-UnknownCid) -Node $node }
        InvalidCar = { Set-Content -LiteralPath "$folder/no.car" -Value 'no CAR'; Import-BitswapCar "$folder/no.car" -Node $node }
        InvalidChunker = { Add-BitswapFile $folder -Recurse -Chunker 'size-0' -Node $node }
        InvalidCid = { Get-BitswapBlock 'nonsense' -Node $node }
        InvalidDagCbor = { $odd = Add-BitswapBlock ([byte[]] 0xff) -Codec dag-cbor -Node $node; Export-BitswapCar $odd "$folder/odd.car" -Node $node }
        InvalidDagJson = { $odd = 'no json' | Add-BitswapBlock -Codec dag-json -Node $node; Export-BitswapCar $odd "$folder/odd.car" -Node $node }
        InvalidDagPb = { $odd = Add-BitswapBlock ([byte[]] 0xff) -Codec dag-pb -Node $node; Export-BitswapCar $odd "$folder/odd.car" -Node $node }
        InvalidGateway = { Start-BitswapNode -Gateway 'https://a.example/?x' }
        InvalidHamt = { Add-BitswapBlock ([byte[]] (10, 7, 8, 5, 40, 34, 48, 136, 39)) -Codec dag-pb -Node $node | Get-BitswapFile }
        InvalidInput = { Add-BitswapBlock ([guid]::NewGuid()) -Node $node }
        InvalidKey = { Start-BitswapNode -PrivateKey 'not base64' }
        InvalidKeyName = { New-BitswapKey 'a/b' -Node $node }
        InvalidMultiaddr = { Connect-BitswapPeer '/ip4/999.0.0.1' -Node $node }
        InvalidMultibase = 'a text that is in no base is no CID or peer id, and is reported as that; [Bitswap.Multiformats.Multibase] is for C#'
        InvalidMultihash = { 'data' | Add-BitswapBlock -Node $node -Cid ([Bitswap.Cid]::CreateV1(0x55, [Bitswap.Multihash]::FromBytes([byte[]] (0x22, 4, 1, 2, 3, 4)))) }
        InvalidName = { Resolve-BitswapName localhost -Node $node }
        InvalidNameRecord = 'a record that its key did not sign; tripped in tests/Bitswap.Node.Tests/Names/IpnsRecordTests.cs'
        InvalidOption = { Start-BitswapNode -Option @{ NoSuchOption = 1 } }
        InvalidPath = { Get-BitswapFile "$(New-UnknownCid)/.." -Node $node }
        InvalidPeerId = { Test-BitswapPeer 'nonsense' -Node $node -Count 1 }
        InvalidProfile = { Add-BitswapFile $folder -Recurse -PreserveTime -RawLeaves -Node $node }
        InvalidRepository = { $null = New-Item -Path $folder -Name 'datastore_spec' -Value '{}'; $null = New-Item -Path $folder -Name config -Value '{}'; Start-BitswapNode -Path $folder }
        InvalidRouter = { Find-BitswapProvider (New-UnknownCid) -Router 'https://a.example/?x' -Node $node }
        InvalidRouterAnswer = { $router.Type = 'text/html'; $cid = New-UnknownCid; $router.Answers["$cid"] = '<html>'; try { Find-BitswapProvider $cid -Router $router.Uri -Node $node } finally { $router.Type = 'application/x-ndjson' } }
        InvalidSettings = { $null = New-Item -ItemType Directory "$folder/set" -Force; Set-Content -LiteralPath "$folder/set/settings.json" -Value '{'; Start-BitswapNode -Path "$folder/set" }
        InvalidStore = { Start-BitswapNode -BlockStore 42 }
        InvalidSwarmKey = { Start-BitswapNode -SwarmKey '/key/swarm/psk/1.0.0/' }
        InvalidTrace = { Set-Content -LiteralPath "$folder/torn.jsonl" -Value '{'; Get-BitswapTrace "$folder/torn.jsonl" }
        InvalidUnixFs = { Add-BitswapBlock ([byte[]] (10, 2, 8, 3)) -Codec dag-pb -Node $node | Get-BitswapFile }
        InvalidVarint = 'numbers in binary CIDs, hashes and addresses; texts of them are reported as InvalidCid, InvalidPeerId or InvalidMultiaddr'
        KeyExists = { 1..2 | ForEach-Object { New-BitswapKey twice -Node $node } }
        KeyNotFound = { Remove-BitswapKey none -Force -Node $node }
        LimitExceeded = { $busy = Start-BitswapNode -Option @{ MaxConnections = 1; HighWater = 1; LowWater = 1 }; Connect-BitswapPeer $node -Node $busy | Out-Null; Connect-BitswapPeer $pair.Client -Node $busy }
        LinkTooLong = { 'linked' | Add-BitswapBlock -Node $node | ForEach-Object { Get-BitswapLink "$($_.Cid)/$('a' * 3000)" -AsQrCode -Node $node -WarningAction Ignore } }
        ListenFailed = { Start-BitswapNode -ListenAddress /ip4/203.0.113.1/tcp/0 }
        LogFailed = { Start-BitswapNode -LogPath (Join-Path $folder 'no folder/node.log') }
        NameInUse = { Start-BitswapNode -Name $node.Name }
        NameNotFound = { Resolve-BitswapName k51qzi5uqu5dgutdk6i1ynyzgkqngpha5xpgia3a5qqp4jsh0u4csozksxel2r -Router $router.Uri -Node $node }
        NameNotPublished = { Publish-BitswapName (New-UnknownCid) -Node (Start-BitswapNode -Router http://127.0.0.1:1) }
        NameRecursion = 'a chain of names; tripped in tests/Bitswap.Node.Tests/Names/NameResolverTests.cs'
        NegotiationFailed = 'the network reports it of one address, and Connect-BitswapPeer tells it in the message of PeerUnreachable'
        NetworkClosed = { $network = New-BitswapTestNetwork; $network.Dispose(); Start-BitswapNode -Network $network }
        NoCommonMuxer = 'needs a peer that secures a connection and then speaks mplex alone; tests/Bitswap.Libp2p.Tests/Hosting/DialReasonTests.cs trips it'
        NoCommonSecurity = { $peer = Start-Greeter ([byte[]] (@(19) + [Text.Encoding]::ASCII.GetBytes("/multistream/1.0.0`n") + @(3, 110, 97, 10, 3, 110, 97, 10))); Connect-BitswapPeer $peer -Node $node }
        NodeElsewhere = { Get-BitswapStat -Node ([pscustomobject]@{ Name = 'copy'; PeerId = '12D3KooWLbkuHSPrVfDLV6kiHAnoAc8y86RRvRUuPx6PHSaGuJ99' }) }
        NodeStopped = { $gone = Start-BitswapNode; $gone | Stop-BitswapNode; Get-BitswapStat -Node $gone }
        NoNameSource = { Get-BitswapBlock /ipns/docs.example -Node $node }
        NoNode = { Get-BitswapStat -Node 'nobody' }
        NoPeerAddress = { New-UnknownCid | Get-BitswapBlock -Node $node -Peer 12D3KooWLbkuHSPrVfDLV6kiHAnoAc8y86RRvRUuPx6PHSaGuJ99 }
        NoRouter = { Find-BitswapProvider (New-UnknownCid) -Source Delegated -Node $node }
        NotADirectory = { Get-BitswapFile "$(('a file' | Add-BitswapBlock -Node $node).Cid)/x" -Node $node }
        NotAFile = { Add-BitswapBlock ([byte[]] (10, 2, 8, 1)) -Codec dag-pb -Node $node | Get-BitswapContent }
        NotOnNetwork = { (New-BitswapTestNetwork).SetFlood($node, 2) }
        NotPublished = 'needs peers of a DHT; tests/Bitswap.Tests/ProviderAnnouncementTests.cs trips it'
        OutFileFailed = { 'out' | Add-BitswapBlock -Node $node | Get-BitswapBlock -Node $node -OutFile "$folder/no/such/file" }
        OutFileTaken = { 'one', 'two' | Add-BitswapBlock -Node $node | Get-BitswapBlock -Node $node -OutFile "$folder/file" }
        PathNotFound = { Add-BitswapBlock -LiteralPath "$folder/nothing" -Node $node }
        PeerIdInUse = { $network = New-BitswapTestNetwork; $null = Start-BitswapNode -Network $network -Seed same; Start-BitswapNode -Network $network -Seed same }
        PeerIdMismatch = { Connect-BitswapPeer "$($node.Addresses[0] -replace '/p2p/.*')/p2p/$($pair.Client.PeerId)" -Node $waiting }
        PeerUnreachable = { $gone = Start-BitswapNode; $gone | Stop-BitswapNode; Connect-BitswapPeer $gone -Node $node }
        PingTimeout = 'Test-BitswapPeer gives it as the Status of a ping, not as an error'
        PinIncomplete = {
            $hurt = Start-BitswapNode
            $inner = '[]' | Add-BitswapBlock -Codec dag-json -Node $hurt
            $root = "[{`"/`":`"$($inner.Cid)`"}]" | Add-BitswapBlock -Codec dag-json -Node $hurt
            $null = Add-BitswapPin $root.Cid -Local -Node $hurt
            Remove-BitswapBlock $inner.Cid -Force -Node $hurt
            Clear-BitswapStore -Node $hurt -Confirm:$false
        }
        Pinned = { $pinned = 'pinned' | Add-BitswapBlock -Node $node; $null = Add-BitswapPin $pinned.Cid -Local -Node $node; Remove-BitswapFile $pinned.Cid -Node $node }
        PinNotFound = { Remove-BitswapPin (New-UnknownCid) -Node $node }
        PrivateNetwork = { $peer = Start-Greeter ([byte[]] (200..243)); Connect-BitswapPeer $peer -Node $node }
        ProtocolNotSupported = 'the network reports it of a peer without Bitswap, whom a node does not ask'
        ProtocolViolation = 'costs the peer its connection; seen by the engine and in its log, not by a cmdlet'
        ReadFailed = { Add-BitswapBlock ([IO.BufferedStream]::new([IO.Pipes.AnonymousPipeServerStream]::new('Out'))) -Node $node }
        RelayConnectionFailed = 'needs a peer that reserves at a relay and takes no connection; tests/Bitswap.Libp2p.Tests/Protocols/Relay/RelayLimitTests.cs trips it'
        RelayNoReservation = { $relay = Start-BitswapNode -Relay -WarningAction Ignore; Connect-BitswapPeer "$($relay.Addresses[0])/p2p-circuit/p2p/12D3KooWLbkuHSPrVfDLV6kiHAnoAc8y86RRvRUuPx6PHSaGuJ99" -Node $node }
        RelayPermissionDenied = 'a relay that serves other peers is in the log of a node; tests/Bitswap.Libp2p.Tests/Protocols/Relay/RelayLimitTests.cs trips it'
        RelayResourceLimit = 'needs a relay whose places are taken; tests/Bitswap.Libp2p.Tests/Protocols/Relay/RelayLimitTests.cs trips it'
        RouterRefused = { $router.Status = '500 Internal Server Error'; try { Find-BitswapProvider (New-UnknownCid) -Router $router.Uri -Node $node } finally { $router.Status = '200 OK' } }
        RouterUnreachable = { Find-BitswapProvider (New-UnknownCid) -Router 'http://127.0.0.1:1' -Node $node }
        SaveFailed = 'a disk that refuses to be written to; the tests of Bitswap.Dag trip it'
        SaveInProgress = 'two saves at once; the tests of Bitswap.Dag trip it'
        SeveralNodes = { Get-BitswapStat }
        StoreCorrupt = {
            $flat = Start-BitswapNode -BlockStore $folder
            $block = 'will be torn' | Add-BitswapBlock -Node $flat
            Get-ChildItem -LiteralPath $folder -Recurse -Filter *.data | ForEach-Object { [IO.File]::WriteAllText($_.FullName, 'torn') }
            $block.Cid | Get-BitswapBlock -Local -Node $flat
        }
        StoreFailed = {
            $flat = Start-BitswapNode -BlockStore "$folder/blocks" -CreateStore
            Remove-Item -LiteralPath "$folder/blocks" -Recurse -Force
            Set-Content -LiteralPath "$folder/blocks" -Value 'a file in its place'
            'nowhere to go' | Add-BitswapBlock -Node $flat
        }
        StoreFull = { $small = Start-BitswapNode -BlockStore ([Bitswap.Node.Blockstores.MemoryBlockstore]::new(10)); 'more than ten bytes' | Add-BitswapBlock -Node $small }
        StoreLocked = { $null = Start-BitswapNode -Path $folder; Start-BitswapNode -Path $folder }
        StoreNotFound = { Start-BitswapNode -BlockStore "$folder/blcoks" }
        StreamReset = 'Test-BitswapPeer gives it as the Status of a ping, not as an error; a fetch goes on over another stream'
        TargetExists = { 'taken' | Add-BitswapBlock -Node $node | Save-BitswapFile -Destination (Split-Path $folder) -Name (Split-Path -Leaf $folder) }
        Timeout = { New-UnknownCid | Get-BitswapBlock -Node $waiting -TimeoutSeconds 0.05 }
        TooManyPins = '100 000 pins take too long to make; tripped in tests/Bitswap.Node.Tests/Files/PinSetTests.cs'
        TooManyWants = { $few = Start-BitswapNode -Option @{ MaxWants = 1 }; (New-UnknownCid), (New-UnknownCid) | Start-BitswapWant -Node $few | Wait-BitswapWant -TimeoutSeconds 5 }
        TraceFailed = { Start-BitswapTrace "$folder/no/such/trace.jsonl" -Node $node }
        UnknownName = { Get-BitswapCid 'data' -Codec 'no-such-codec' }
        UnsafeDestination = { $null = New-Item -ItemType SymbolicLink -Path "$folder/link" -Target $folder; Add-BitswapBlock ([byte[]] (10, 2, 8, 1)) -Codec dag-pb -Node $node | Save-BitswapFile -Destination $folder -Name link -Force }
        UnsafeLink = { Add-BitswapBlock ([byte[]] (10, 6, 8, 4, 18, 2, 47, 97)) -Codec dag-pb -Node $node | Save-BitswapFile -Destination $folder }
        UnsafeName = { 'out' | Add-BitswapBlock -Node $node | Save-BitswapFile -Destination $folder -Name '..' }
        UnsafeRepository = { $null = New-Item -ItemType SymbolicLink -Path "$folder/repo.lock" -Target "$folder/elsewhere"; Start-BitswapNode -Path $folder }
        UnsupportedAddress = { Connect-BitswapPeer "/ip4/127.0.0.1/udp/1/quic-v1/p2p/$($pair.Client.PeerId)" -Node $node }
        UnsupportedCidVersion = { Get-BitswapCid -Cid (Get-BitswapCid 'data').Cid -Version 0 }
        UnsupportedCodec = { $odd = 'git' | Add-BitswapBlock -Codec git-raw -Node $node; Export-BitswapCar $odd "$folder/odd.car" -Node $node }
        UnsupportedHash = { [Bitswap.Multihash]::Compute(0x22, [byte[]] 1) }
        UnsupportedName = { Get-BitswapCid -Cid /ipns/docs.example }
        UnsupportedProtocolVersion = { Start-BitswapNode -ProtocolVersion '9.9.9' }
        WantCancelled = { $want = New-UnknownCid | Start-BitswapWant -Node $node; Stop-BitswapWant -Cid $want.Cid -Node $node -Force; $want | Wait-BitswapWant -TimeoutSeconds 10 }
    }
    $scripts = @($trips.GetEnumerator() | Where-Object Value -Is [scriptblock] | ForEach-Object { @{ id = $_.Key; script = $_.Value } })
}

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    . "$PSScriptRoot/Router.ps1"
    $router = [BitswapTestRouter]::new()
    $catalogue = [Bitswap.BitswapNode].Assembly.GetType('Bitswap.Errors.ErrorCatalog', $true).GetProperty('All').GetValue($null)
    $node = Start-BitswapNode
    $pair = New-NodePair
    # waits for a peer that it is told to keep
    $gone = Start-BitswapNode
    $waiting = Start-BitswapNode -Peer $gone
    Wait-Until { $waiting.Peers.Count -eq 1 }
    $gone | Stop-BitswapNode
    $kept = @(Get-BitswapNode).Name

    # the address of something that says so much to whoever connects
    function Start-Greeter {
        param([byte[]] $Greeting)

        $listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $listener.Start()
        $null = Start-ThreadJob -ArgumentList $listener, $Greeting -ScriptBlock {
            param($listener, $greeting)

            $caller = $listener.AcceptSocket()
            $null = $caller.Send($greeting)
            while ($caller.Receive([byte[]]::new(4096)) -gt 0) { continue }
            $caller.Dispose()
            $listener.Stop()
        }
        "/ip4/127.0.0.1/tcp/$($listener.LocalEndpoint.Port)"
    }
}
AfterAll {
    $router.Dispose()
    Clear-Nodes
}

Describe 'The catalogue' {
    It 'is told whole by the table of this file' -ForEach @{ told = @($trips.Keys) } {
        $ids = @($catalogue.Id)
        $missing = $ids | Where-Object { $_ -notin $told }
        $missing | Should -BeNullOrEmpty -Because 'each id needs a line in the table at the top of tests/Pester/Errors.Tests.ps1: a script that trips it, or why no cmdlet does'
        $told | Where-Object { $_ -notin $ids } | Should -BeNullOrEmpty -Because 'src/Bitswap/Errors/ErrorCatalog.cs has no such id'
    }

    It 'is what docs/errors.md says' {
        $output = & $PowerShellHost.FilePath @($PowerShellHost.ArgumentList) -NoProfile -NonInteractive -File "$RepositoryRoot/docs/Write-ErrorPage.ps1" -Check 2>&1
        $LASTEXITCODE | Should -Be 0 -Because "$output"
    }
}

Describe 'The error <id>' -ForEach $scripts {
    BeforeAll { $folder = New-TemporaryFolder }
    AfterAll {
        Get-BitswapNode | Where-Object Name -NotIn $kept | Stop-BitswapNode -Force
        Remove-Item -LiteralPath $folder -Recurse -Force
    }

    It 'is reported with its category and a remedy' {
        $ErrorActionPreference = 'Stop'
        $failure = Get-Failure $script
        # a method that throws is wrapped by PowerShell
        if ($failure.Exception -is [System.Management.Automation.MethodInvocationException]) {
            $failure.Exception.InnerException.ErrorId | Should -Be $id
            return
        }

        ($failure.FullyQualifiedErrorId -split ',')[0] | Should -Be $id -Because $failure
        $failure.CategoryInfo.Category | Should -Be ($catalogue | Where-Object Id -EQ $id).Category
        $failure.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }
}

# One object of each type that the module gives, by the name of the type, made as a user makes it. What holds of every output is tested with these.
function New-Sample {
    param([string] $Folder)

    $samples = @{}
    function Add-Sample {
        process { $samples[$_.GetType().Name] = $_ }
    }

    $store = Join-Path $Folder 'blocks'
    $provider = Start-BitswapNode -ListenAddress /ip4/127.0.0.1/tcp/0, /ip4/127.0.0.1/tcp/0
    $client = Start-BitswapNode -BlockStore $store -CreateStore
    $events = 'PeerConnected', 'BlockReceived', 'WantEnded', 'BlockCorrupt'
    foreach ($name in $events) { Register-ObjectEvent $client $name -SourceIdentifier "Sample.$name" }
    $trace = Start-BitswapTrace -Node $client
    Connect-BitswapPeer $provider -Node $client | Add-Sample
    Connect-BitswapPeer $provider -Node (Start-BitswapNode) | Out-Null
    Wait-Until { $provider.Peers.Count -eq 2 }
    $provider | Add-Sample
    $provider.Reachability[0] | Add-Sample

    # a directory with a file in it
    $file = New-Item -ItemType File -Path (Join-Path $Folder 'site/a.txt') -Value 'a file' -Force
    $added = Add-BitswapFile $file.Directory -Recurse -Node $provider
    $added | Add-Sample
    Get-BitswapFile $added -Node $client | Add-Sample
    Show-BitswapDag $added.Cid -Node $client | Select-Object -First 1 | Add-Sample
    Add-BitswapPin $added.Cid -Name 'a site' -Node $client | Add-Sample
    Export-BitswapCar $added.Cid (Join-Path $Folder 'a.car') -Node $client | Add-Sample
    Test-BitswapDag (New-UnknownCid) -Node $client | Add-Sample

    $block = 'a block' | Add-BitswapBlock -Node $provider
    Get-BitswapBlock $block.Cid -Node $client | Add-Sample
    Get-BitswapCid 'data' | Add-Sample
    Test-BitswapBlock $block.Cid -Peer $provider -Detailed -Node $client | Add-Sample
    Find-BitswapProvider $block.Cid -Node $client | Add-Sample
    # Publish-BitswapProvider makes it of what peers of a DHT say, and there is no DHT here
    $record = [Activator]::CreateInstance([Bitswap.BitswapProviderRecord], $true)
    $refusal = [Activator]::CreateInstance([Bitswap.BitswapRefusal], $true)
    $refusal.PeerId, $refusal.Reason = $client.PeerId, 'it was not reached'
    $record.Cid, $record.Source, $record.Peers, $record.Refusals, $record.Node = $block.Cid, 'Dht', @($provider.PeerId), @($refusal), $provider.Name
    $record, $refusal | Add-Sample
    # Find-BitswapPeer makes it of what peers on the local network say, which not every machine lets through
    $found = [Activator]::CreateInstance([Bitswap.BitswapFoundPeer], $true)
    $found.PeerId, $found.Addresses, $found.Interface, $found.Node = $provider.PeerId, $provider.Addresses, @('eth0'), $client.Name
    $found.FirstSeen = $found.LastSeen = [DateTimeOffset]::Now
    $found | Add-Sample
    # a domain that leads to an IPNS name
    . "$PSScriptRoot/Router.ps1"
    $router = [BitswapTestRouter]::new()
    $dns = [BitswapTestDns]::new()
    $dns.Texts['_dnslink.docs.example'] = "dnslink=/ipns/$(New-NameRecord $router "/ipfs/$($block.Cid)")"
    Resolve-BitswapName docs.example -Node (Start-BitswapNode -Router $router.Uri -Option @{ DnsServer = $dns.Address }) | Add-Sample
    $publisher = Start-BitswapNode -Router $router.Uri
    Publish-BitswapName $block.Cid -Node $publisher | Add-Sample
    Get-BitswapKey self -Node $publisher | Add-Sample
    (Get-BitswapStat (Start-BitswapNode -Option @{ Provide = 'Roots'; DhtBootstrap = $provider.Addresses })).Providing | Add-Sample
    (Get-BitswapStat (Start-BitswapNode -Path (Join-Path $Folder 'bounded') -Option @{ StorageMax = 16MB })).Storage | Add-Sample
    $router, $dns | ForEach-Object Dispose
    Test-BitswapPeer $provider -Count 1 -Node $client | Add-Sample
    Get-BitswapLedger -Node $client | Add-Sample
    (Get-BitswapPeer -Node $provider).Fetching | Select-Object -First 1 | Add-Sample
    New-UnknownCid | Start-BitswapWant -Node $client | Add-Sample
    Wait-Until { (Get-BitswapWantlist -Node $client).Answers }
    Get-BitswapWantlist -Node $client | Add-Sample
    $samples.BitswapWantlistEntry.Answers[0] | Add-Sample
    Get-BitswapStat -Node $client | Add-Sample
    $samples.BitswapStat.WantLatency | Add-Sample
    Show-BitswapNode $client -Count 1 -AsObject | Add-Sample

    # a block that is torn on the disk
    $torn = 'torn' | Add-BitswapBlock -Node $client
    Get-ChildItem -LiteralPath $store -Recurse -Filter *.data | Set-Content -Value 'not what it was'
    Get-BitswapBlock $torn.Cid -Local -Node $client -ErrorAction SilentlyContinue | Out-Null

    $trace | Add-Sample
    Wait-Until { $trace.Records.Presences -and $trace.Records.Blocks -and $trace.Records.Entries }
    $trace.Records | Where-Object Entries | Select-Object -First 1 | Add-Sample
    $trace.Records.Entries[0], $trace.Records.Blocks[0], $trace.Records.Presences[0] | Add-Sample

    $network = New-BitswapTestNetwork -Seed 1
    $null = 1..2 | ForEach-Object { Start-BitswapNode -Network $network }
    $network | Add-Sample

    foreach ($name in $events) {
        (Wait-Event -SourceIdentifier "Sample.$name" -Timeout 20).SourceEventArgs | Select-Object -First 1 | Add-Sample
        Unregister-Event -SourceIdentifier "Sample.$name"
        Remove-Event -SourceIdentifier "Sample.$name"
    }

    $samples
}

# The types that the module gives to its users.
function Get-OutputType {
    [Bitswap.BitswapNode].Assembly.GetExportedTypes() | Where-Object { $_.Namespace -eq 'Bitswap' -and $_.Name -like 'Bitswap*' } | Sort-Object Name
}

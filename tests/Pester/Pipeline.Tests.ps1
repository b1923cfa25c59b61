# How each cmdlet that waits is made to wait, and stopped. Every exported cmdlet is in one of the two tables. In a script $s holds what BeforeAll made, and
# $time the seconds for -TimeoutSeconds. 'first' gives something and then waits for more; where a cmdlet has no output, or no time limit, a sentence says so.
BeforeDiscovery {
    $waits = [ordered]@{
        'Add-BitswapBlock'    = @{
            waits = { 'wait' | Add-BitswapBlock -Node $s.Gated }
            first = { 'go', 'wait' | Add-BitswapBlock -Node $s.Gated }
            limit = 'has no time limit: it waits for the disk alone'
        }
        'Add-BitswapFile'     = @{
            waits = { Add-BitswapFile $s.WaitFile -Node $s.Gated }
            first = { Add-BitswapFile $s.GoFile, $s.WaitFile -Node $s.Gated }
            limit = 'has no time limit: it waits for the disk alone'
        }
        'Add-BitswapPin'      = @{
            waits = { Add-BitswapPin $s.Unknown -Node $s.Node -TimeoutSeconds 600 }
            first = { $s.Known, $s.Unknown | Add-BitswapPin -Node $s.Node -TimeoutSeconds 600 }
            limit = { Add-BitswapPin $s.Unknown -Node $s.Node -TimeoutSeconds $time }
        }
        'Clear-BitswapStore'  = @{
            waits = { Clear-BitswapStore -Node $s.Full -Confirm:$false }
            first = 'what it gives is gone, so it cannot be tried again'
            limit = 'has no time limit: it waits for the disk alone'
        }
        'Connect-BitswapPeer' = @{
            waits = { Connect-BitswapPeer $s.Far -Node $s.Node -TimeoutSeconds 600 }
            first = { $s.Good, $s.Far | Connect-BitswapPeer -Node $s.Node }
            limit = { Connect-BitswapPeer $s.Far -Node $s.Node -TimeoutSeconds $time }
        }
        'Export-BitswapCar'   = @{
            waits = { Export-BitswapCar $s.Unknown "$($s.Folder)/waits.car" -Node $s.Node -TimeoutSeconds 600 }
            first = 'gives one object, at its end'
            limit = { Export-BitswapCar $s.Unknown "$($s.Folder)/limit.car" -Node $s.Node -TimeoutSeconds $time }
        }
        'Find-BitswapPeer'    = @{
            waits = { Start-BitswapNode -Option @{ DiscoverOn = $s.Loopback } | Find-BitswapPeer -TimeoutSeconds 600 }
            first = 'gives what others on the local network say; Discover.Tests.ps1 has that'
            limit = 'ends at its time without an error; Discover.Tests.ps1 has that'
        }
        'Find-BitswapProvider' = @{
            waits = { Find-BitswapProvider $s.Waiting -Router $s.Router.Uri -Probe -Node $s.Node -TimeoutSeconds 600 }
            first = { $s.Waiting, $s.Unknown | Find-BitswapProvider -Router $s.Router.Uri -Node $s.Node -TimeoutSeconds 600 }
            limit = { Find-BitswapProvider $s.Waiting -Router $s.Router.Uri -Probe -Node $s.Node -TimeoutSeconds $time }
        }
        'Get-BitswapBlock'    = @{
            waits = { Get-BitswapBlock $s.Unknown -Node $s.Node -TimeoutSeconds 600 }
            first = { $s.Known, $s.Unknown | Get-BitswapBlock -Node $s.Node -TimeoutSeconds 600 }
            limit = { Get-BitswapBlock $s.Unknown -Node $s.Node -TimeoutSeconds $time }
        }
        'Get-BitswapContent'  = @{
            waits = { Get-BitswapContent $s.Unknown -Node $s.Node -TimeoutSeconds 600 }
            first = { $s.Known, $s.Unknown | Get-BitswapContent -Node $s.Node -TimeoutSeconds 600 }
            limit = { Get-BitswapContent $s.Unknown -Node $s.Node -TimeoutSeconds $time }
        }
        'Get-BitswapFile'     = @{
            waits = { Get-BitswapFile $s.Unknown -Node $s.Node -TimeoutSeconds 600 }
            first = { $s.Known, $s.Unknown | Get-BitswapFile -Node $s.Node -TimeoutSeconds 600 }
            limit = { Get-BitswapFile $s.Unknown -Node $s.Node -TimeoutSeconds $time }
        }
        'Import-BitswapCar'   = @{
            waits = { Import-BitswapCar $s.WaitingCar -Node $s.Gated }
            first = { $s.KnownCar, $s.WaitingCar | Import-BitswapCar -Node $s.Gated }
            limit = 'has no time limit: it waits for the disk alone'
        }
        'Publish-BitswapName' = @{
            waits = { Publish-BitswapName $s.Known -Key $s.Key -Node $s.Publisher -TimeoutSeconds 600 }
            first = 'publishes one name, of which the last thing that is piped holds'
            limit = { Publish-BitswapName $s.Known -Key $s.Key -Node $s.Publisher -TimeoutSeconds $time }
        }
        'Publish-BitswapProvider' = @{
            waits = { Publish-BitswapProvider $s.Known -Node $s.Announcer -TimeoutSeconds 600 }
            first = 'needs a DHT, which there is none of here'
            limit = { Publish-BitswapProvider $s.Known -Node $s.Announcer -TimeoutSeconds $time }
        }
        'Remove-BitswapBlock' = @{
            waits = { Remove-BitswapBlock $s.Waiting -Node $s.Gated -Confirm:$false }
            first = 'has no output'
            limit = 'has no time limit: it waits for the disk alone'
        }
        'Remove-BitswapFile'  = @{
            waits = { Remove-BitswapFile $s.Waiting -Node $s.Gated }
            first = 'what it gives is gone, so it cannot be tried again'
            limit = 'has no time limit: it waits for the disk alone'
        }
        'Resolve-BitswapName' = @{
            waits = { Resolve-BitswapName $s.UnknownName -Router $s.Router.Uri -Node $s.Node -TimeoutSeconds 600 }
            first = { $s.KnownName, $s.UnknownName | Resolve-BitswapName -Router $s.Router.Uri -Node $s.Node -TimeoutSeconds 600 }
            limit = { Resolve-BitswapName $s.UnknownName -Router $s.Router.Uri -Node $s.Node -TimeoutSeconds $time }
        }
        'Save-BitswapFile'    = @{
            waits = { Save-BitswapFile $s.Unknown -Destination $s.Folder -Node $s.Node -TimeoutSeconds 600 }
            first = { $s.Known, $s.Unknown | Save-BitswapFile -Destination $s.Folder -Force -PassThru -Node $s.Node -TimeoutSeconds 600 }
            limit = { Save-BitswapFile $s.Unknown -Destination $s.Folder -Node $s.Node -TimeoutSeconds $time }
        }
        'Show-BitswapDag'     = @{
            waits = { Show-BitswapDag $s.Unknown -Fetch -Node $s.Node -TimeoutSeconds 600 }
            first = { $s.Known, $s.Unknown | Show-BitswapDag -Fetch -Node $s.Node -TimeoutSeconds 600 }
            limit = { Show-BitswapDag $s.Unknown -Fetch -Node $s.Node -TimeoutSeconds $time }
        }
        'Show-BitswapNode'    = @{
            waits = { Show-BitswapNode $s.Node -Interval 600 -AsObject }
            first = { Show-BitswapNode $s.Node -Interval 600 -AsObject }
            limit = 'has no time limit: it looks -Count times'
        }
        'Stop-BitswapNode'    = @{
            waits = { Stop-BitswapNode $s.Busy.Dequeue() }
            first = 'has no output'
            limit = 'has no time limit: what is under way is brought to its end'
        }
        'Test-BitswapBlock'   = @{
            waits = { Test-BitswapBlock $s.Unknown -Peer $s.Mute.PeerId -Node $s.Node -TimeoutSeconds 600 }
            first = { $s.Known, $s.Waiting | Test-BitswapBlock -Node $s.Gated }
            limit = { Test-BitswapBlock $s.Unknown -Peer $s.Mute.PeerId -Node $s.Node -TimeoutSeconds $time }
        }
        'Test-BitswapDag'     = @{
            waits = { Test-BitswapDag $s.Unknown -Peer $s.Mute.PeerId -Node $s.Node -TimeoutSeconds 600 }
            first = { $s.Known, $s.Unknown | Test-BitswapDag -Quiet -Peer $s.Mute.PeerId -Node $s.Node -TimeoutSeconds 600 }
            limit = { Test-BitswapDag $s.Unknown -Peer $s.Mute.PeerId -Node $s.Node -TimeoutSeconds $time }
        }
        'Test-BitswapPeer'    = @{
            waits = { Test-BitswapPeer $s.Mute.PeerId -Node $s.Node -Count 1 -TimeoutSeconds 600 }
            first = { Test-BitswapPeer $s.Good.PeerId -Node $s.Node -Count 100 -Delay 600 }
            limit = { Test-BitswapPeer $s.Mute.PeerId -Node $s.Node -Count 1 -TimeoutSeconds $time }
        }
        'Wait-BitswapNode'    = @{
            waits = { Start-BitswapNode | Wait-BitswapNode }
            first = 'has no output'
            limit = 'ends at its time as it does when it is told to, without an error; Wait.Tests.ps1 has that'
        }
        'Wait-BitswapWant'    = @{
            waits = { $s.Unknown | Start-BitswapWant -Node $s.Node | Wait-BitswapWant }
            first = { $s.Known, $s.Unknown | Start-BitswapWant -Node $s.Node | Wait-BitswapWant }
            limit = { $s.Unknown | Start-BitswapWant -Node $s.Node | Wait-BitswapWant -TimeoutSeconds $time }
        }
    }
    $waitsNot = @(
        'Disconnect-BitswapPeer', 'Get-BitswapCid', 'Get-BitswapKey', 'Get-BitswapLedger', 'Get-BitswapLink', 'Get-BitswapNode', 'Get-BitswapPeer', 'Get-BitswapPin', 'Get-BitswapStat', 'Get-BitswapTrace'
        'Get-BitswapWantlist', 'New-BitswapKey', 'New-BitswapTestNetwork', 'Remove-BitswapKey', 'Remove-BitswapPin', 'Set-BitswapNode', 'Start-BitswapNode', 'Start-BitswapTrace', 'Start-BitswapWant', 'Stop-BitswapTrace', 'Stop-BitswapWant'
    )
    $rows = @($waits.GetEnumerator() | ForEach-Object { @{ cmdlet = $_.Key } + $_.Value })
    $exported = (Import-PowerShellDataFile "$PSScriptRoot/../../Bitswap.psd1").CmdletsToExport
}

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    . "$PSScriptRoot/Router.ps1"
    # keeps who touches a block that says 'wait' until the gate is opened
    $assemblies = [Bitswap.Cid].Assembly.Location, [Bitswap.Blockstore].Assembly.Location
    Add-Type -ReferencedAssemblies ($assemblies + 'System.Collections', 'System.Collections.Concurrent', 'System.Runtime', 'System.Memory', 'System.Linq', 'System.Threading') -TypeDefinition @'
using System.Collections.Concurrent; using System.Collections.Generic; using System.Linq; using System.Threading; using Bitswap;
public sealed class GatedStore : Blockstore {
    readonly ConcurrentDictionary<Multihash, byte[]> _t = new ConcurrentDictionary<Multihash, byte[]>();
    readonly ManualResetEventSlim _gate = new ManualResetEventSlim();
    readonly Cid _kept = Cid.Compute(0x55, System.Text.Encoding.UTF8.GetBytes("wait"));
    public int Entered, Inside;
    public void Open() { _gate.Set(); }
    public void Shut() { _gate.Reset(); }
    void Pass(Cid cid) { if (cid.Hash == _kept.Hash) {
        Interlocked.Increment(ref Inside); Interlocked.Increment(ref Entered);
        try { _gate.Wait(); } finally { Interlocked.Decrement(ref Inside); }
    } }
    public override byte[] GetBlock(Cid cid) { Pass(cid); byte[] d; return _t.TryGetValue(cid.Hash, out d) ? d : null; }
    public override void PutBlock(Cid cid, byte[] data) { Pass(cid); _t[cid.Hash] = data; }
    public override bool RemoveBlock(Cid cid) { Pass(cid); byte[] d; return _t.TryRemove(cid.Hash, out d); }
    public override IEnumerable<Cid> ListBlocks() { return _t.Keys.Select(h => Cid.CreateV1(0x55, h)).ToList(); }
}
'@

    # A script in a runspace of its own; it says when it has begun.
    function Start-Script {
        param([string] $Script, $State, [double] $Time)

        $shell = New-ModuleRunspace
        $output = [Management.Automation.PSDataCollection[psobject]]::new()
        $null = $shell.AddScript("param(`$s, `$time) 'begun'; $Script").AddArgument($State).AddArgument($Time)
        $running = $shell.BeginInvoke([Management.Automation.PSDataCollection[psobject]]::new(), $output)
        Wait-Until { $output.Count -gt 0 -or $running.IsCompleted } -Because 'the script did not begin'
        [pscustomobject]@{ Shell = $shell; Output = $output; Running = $running }
    }

    # How long the stop of a pipeline takes that only sleeps: what this machine needs now for a stop of any kind.
    function Measure-PlainStop {
        $one = Start-Script 'Start-Sleep 600' $null 0
        $timer = [Diagnostics.Stopwatch]::StartNew()
        $one.Shell.Stop()
        $timer.ElapsedMilliseconds
        $one.Shell.Runspace.Dispose()
        $one.Shell.Dispose()
    }

    # What was stopped has left its call in the store, which takes eight at once: those end here, so that the next find a place.
    function Clear-Gate {
        foreach ($store in $gate, $full) {
            $store.Open()
            Wait-Until { $store.Inside -eq 0 } -Because 'a call stayed in a store whose gate is open'
        }

        $null = 'wait' | Add-BitswapBlock -Node $s.Full
        $gate.Shut()
        $full.Shut()
    }

    # A measurement on a busy machine is made again, and the best counts: what has to be within a bound is the cmdlet.
    function Assert-Within {
        param([scriptblock] $Measure, [double] $Milliseconds)

        $seen = foreach ($try in 1..4) {
            $bound = $Milliseconds + 2 * (Measure-PlainStop)
            try { $took = & $Measure } finally { Clear-Gate }
            "$took ms of $bound ms"
            if ($took -le $bound) { return }
        }

        throw "Took too long every time: $($seen -join ', ')"
    }

    $network = New-BitswapTestNetwork -Seed 11
    $gate = [GatedStore]::new()
    $s = @{
        Node  = Start-BitswapNode -Network $network
        Good  = Start-BitswapNode -Network $network
        Mute  = Start-BitswapNode -Network $network
        Far   = Start-BitswapNode -Network $network
        Gated = Start-BitswapNode -Network $network -BlockStore $gate
        Store = $gate
    }
    foreach ($other in $s.Good, $s.Mute) { $null = Connect-BitswapPeer $other -Node $s.Node }
    $network.SetSilent($s.Mute, $true)
    $network.SetLink($s.Node, $s.Far, @{ LatencyMilliseconds = 60000 })
    $s.Loopback = Get-Loopback
    $s.Known = ('known' | Add-BitswapBlock -Node $s.Good).Cid
    $null = 'known' | Add-BitswapBlock -Node $s.Node
    $null = 'known' | Add-BitswapBlock -Node $s.Gated
    # the one peer of the DHT that it knows accepts, and says nothing
    $s.Listener = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
    $s.Listener.Start()
    $s.Announcer = Start-BitswapNode -Option @{ DhtBootstrap = "/ip4/127.0.0.1/tcp/$($s.Listener.LocalEndpoint.Port)/p2p/$($s.Good.PeerId)"; DhtQueryTimeout = 600; HandshakeTimeout = 600; DialTimeout = 600 }
    $null = 'known' | Add-BitswapBlock -Node $s.Announcer
    $s.Waiting = (Get-BitswapCid 'wait').Cid
    # names a peer that is far away, and of other blocks says nothing
    $s.Router = [BitswapTestRouter]@{ IsSilent = $true }
    Set-Provider $s.Router $s.Waiting $s.Far
    $s.KnownName = New-NameRecord $s.Router "/ipfs/$($s.Known)"
    $s.UnknownName = '12D3KooWLbkuHSPrVfDLV6kiHAnoAc8y86RRvRUuPx6PHSaGuJ99'
    $s.Publisher = Start-BitswapNode -Router $s.Router.Uri
    $s.Key = 'self'
    $s.Unknown = New-UnknownCid
    $s.Folder = New-TemporaryFolder
    'go', 'wait' | ForEach-Object { [IO.File]::WriteAllText("$($s.Folder)/$_", $_) }
    $s.GoFile = "$($s.Folder)/go"
    $s.WaitFile = "$($s.Folder)/wait"
    # their store holds a read of each to the end of this file, so they cannot have stopped before; one a measurement
    $held = [GatedStore]::new()
    $s.Busy = [Collections.Generic.Queue[Bitswap.BitswapNode]]::new()
    foreach ($count in 1..4) {
        $busy = Start-BitswapNode -Network $network -BlockStore $held
        $null = $s.Waiting | Start-BitswapWant -Node $busy
        Wait-Until { $held.Entered -ge $count }
        $s.Busy.Enqueue($busy)
    }

    # has a block that waits, stored while its own gate was open
    $full = [GatedStore]::new()
    $full.Open()
    $s.Full = Start-BitswapNode -Network $network -BlockStore $full
    $s.KnownCar = ('known' | Add-BitswapBlock -Node $s.Full | Export-BitswapCar -Path "$($s.Folder)/known.car").Path
    $null = $s.Known | Remove-BitswapFile -Node $s.Full
    $s.WaitingCar = ('wait' | Add-BitswapBlock -Node $s.Full | Export-BitswapCar -Path "$($s.Folder)/waiting.car").Path
    $full.Shut()

    function Assert-Usable {
        Get-BitswapWantlist -Node $s.Node | ForEach-Object { Stop-BitswapWant -Cid $_.Cid -Node $s.Node -Force }
        "usable $([guid]::NewGuid())" | Add-BitswapBlock -Node $s.Good | Get-BitswapBlock -Node $s.Node -AsString | Should -Match '^usable'
        "usable $([guid]::NewGuid())" | Add-BitswapBlock -Node $s.Gated | Get-BitswapBlock -Node $s.Gated -Local -AsString | Should -Match '^usable'
    }
}
AfterAll {
    foreach ($store in $gate, $full, $held) { $store.Open() }
    $s.Router.Dispose()
    $s.Listener.Stop()
    $network.Dispose()
    Clear-Nodes
    Remove-Item -LiteralPath $s.Folder -Recurse -Force
}

Describe 'The tables of this file' {
    It 'tell of every exported cmdlet once' -ForEach @{ told = @($waits.Keys) + $waitsNot; exported = $exported } {
        $exported | Where-Object { $_ -notin $told } | Should -BeNullOrEmpty -Because 'tests/Pester/Pipeline.Tests.ps1 has to tell how each exported cmdlet is stopped, or that it does not wait'
        $told | Where-Object { $_ -notin $exported } | Should -BeNullOrEmpty
        @($told | Sort-Object -Unique).Count | Should -Be $told.Count
    }
}

Describe '<cmdlet>, while it waits,' -ForEach $rows {
    It 'stops within 200 ms when its pipeline is stopped' {
        Assert-Within -Milliseconds 200 {
            $one = Start-Script "$waits" $s 0
            $timer = [Diagnostics.Stopwatch]::StartNew()
            $one.Shell.BeginStop($null, $null).AsyncWaitHandle.WaitOne(5000) | Should -BeTrue -Because 'a pipeline stops, whatever it waits for'
            $timer.ElapsedMilliseconds
            "$($one.Shell.InvocationStateInfo.State)" | Should -Be 'Stopped' -Because "$($one.Shell.Streams.Error) $($one.Output | Select-Object -Skip 1)"
            $one.Shell.Runspace.Dispose()
            $one.Shell.Dispose()
        }

        Assert-Usable
    }

    if ($first -isnot [string]) {
        It 'stops within 200 ms when what is downstream has enough' {
            Assert-Within -Milliseconds 200 {
                $one = Start-Script "$first | ForEach-Object { `$s.Timer = [Diagnostics.Stopwatch]::StartNew(); `$_ } | Select-Object -First 1" $s 0
                Wait-Until { $one.Running.IsCompleted } -Because 'the pipeline went on'
                $s.Timer.ElapsedMilliseconds
                $one.Output.Count | Should -Be 2 -Because "$($one.Shell.Streams.Error)"
                $one.Shell.Runspace.Dispose()
                $one.Shell.Dispose()
            }

            Assert-Usable
        }
    }

    if ($limit -isnot [string]) {
        It 'ends within 200 ms of its time limit' {
            Assert-Within -Milliseconds 500 {
                $timer = [Diagnostics.Stopwatch]::StartNew()
                $one = Start-Script "`$s.Timer = [Diagnostics.Stopwatch]::StartNew(); $limit; `$s.Timer.Stop()" $s 0.3
                Wait-Until { $one.Running.IsCompleted } -Because 'the cmdlet waited on'
                $s.Timer.ElapsedMilliseconds | Should -BeGreaterThan 290
                $s.Timer.ElapsedMilliseconds
                $one.Shell.Runspace.Dispose()
                $one.Shell.Dispose()
            }

            Assert-Usable
        }
    }
}

Describe 'A long pipeline' {
    BeforeAll {
        # BITSWAP_PESTER_MILLION=1 runs the whole million; a fifth takes ten seconds, and what kept seven bytes of each CID would pass the bound
        $count = $env:BITSWAP_PESTER_MILLION ? 1000000 : 200000
        $ProgressPreference = 'SilentlyContinue'
        $stored = 1..64 | ForEach-Object { "stored $_" } | Add-BitswapBlock -Node $s.Node

        # The managed heap, in bytes, after a quarter of the results, after half and after all.
        function Measure-Heap {
            param([scriptblock] $Pipeline)

            $seen = 0
            $sizes = [Collections.Generic.List[long]]::new()
            & $Pipeline | & { process {
                    if (++$script:seen -in ($count / 4), ($count / 2), $count) { $sizes.Add([GC]::GetTotalMemory($true)) }
                } }
            $script:seen | Should -Be $count
            $script:seen = 0
            Write-Host ('    {0:n0} CIDs: heap {1}' -f $count, (($sizes | ForEach-Object { '{0:n1} MiB' -f ($_ / 1MB) }) -join ', '))
            , $sizes
        }
    }

    It 'holds memory constant: <name>' -ForEach @(
        @{ name = 'Get-BitswapBlock -Local'; script = { & { for ($i = 0; $i -lt $count; $i++) { $stored[$i % 64].Cid } } | Get-BitswapBlock -Local -Node $s.Node } }
        @{ name = 'Test-BitswapBlock'; script = { & { for ($i = 0; $i -lt $count; $i++) { $stored[$i % 64].Cid } } | Test-BitswapBlock -Node $s.Node } }
        @{ name = 'Get-BitswapCid'; script = { & { for ($i = 0; $i -lt $count; $i++) { "data $i" } } | Get-BitswapCid } }
    ) {
        $sizes = Measure-Heap $script
        $sizes.Count | Should -Be 3
        $sizes[2] - $sizes[0] | Should -BeLessThan 1MB -Because "the heap was $sizes"
    }

    It 'gives out results as they come, and takes no more than it may have under way' {
        $script:fed = 0
        $script:atFirst = 0
        1..2000 | ForEach-Object { $script:fed++; $stored[$_ % 64].Cid } | Get-BitswapBlock -Local -Node $s.Node -ThrottleLimit 8 |
            ForEach-Object { if (-not $script:atFirst) { $script:atFirst = $script:fed } }
        $script:fed | Should -Be 2000
        $script:atFirst | Should -BeLessOrEqual 9
    }
}

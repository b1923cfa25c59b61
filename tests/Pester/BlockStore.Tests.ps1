BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    # parsed here, when the module is imported and its types are known
    . ([scriptblock]::Create(@'
[NoRunspaceAffinity()]
class TableStore : Bitswap.Blockstore {
    [System.Collections.Concurrent.ConcurrentDictionary[string, byte[]]] $Table = [System.Collections.Concurrent.ConcurrentDictionary[string, byte[]]]::new()
    [byte[]] GetBlock([Bitswap.Cid] $cid) {
        $data = $null
        if ($this.Table.TryGetValue("$($cid.Hash)", [ref] $data)) { return $data }
        return $null
    }
    [void] PutBlock([Bitswap.Cid] $cid, [byte[]] $data) { $this.Table["$($cid.Hash)"] = $data }
    [bool] RemoveBlock([Bitswap.Cid] $cid) {
        $data = $null
        return $this.Table.TryRemove("$($cid.Hash)", [ref] $data)
    }
    [System.Collections.Generic.IEnumerable[Bitswap.Cid]] ListBlocks() {
        $list = [System.Collections.Generic.List[Bitswap.Cid]]::new()
        foreach ($key in $this.Table.Keys) { $list.Add([Bitswap.Cid]::CreateV1(0x55, [Bitswap.Multihash]::FromBytes([Convert]::FromHexString($key)))) }
        return $list
    }
}
function New-TableStore { [TableStore]::new() }
'@))
}
AfterAll { Clear-Nodes }

Describe 'A block store of a PowerShell class' {
    It 'serves and takes blocks under load' {
        $provider = Start-BitswapNode -BlockStore (New-TableStore)
        $client = Start-BitswapNode -BlockStore (New-TableStore)
        $null = Connect-BitswapPeer $provider -Node $client
        $blocks = 1..300 | ForEach-Object { "stored by a class $_" } | Add-BitswapBlock -Node $provider
        $got = $blocks.Cid | Get-BitswapBlock -Node $client
        $got.Count | Should -Be 300
        @(Get-BitswapBlock -Local -Node $client).Count | Should -Be 300
        $blocks[0] | Remove-BitswapBlock -Node $provider
        Test-BitswapBlock $blocks[0] -Node $provider | Should -BeFalse
        Clear-Nodes
    }
}

Describe 'A block store of C#' {
    It 'serves and takes blocks' {
        $assemblies = [Bitswap.Cid].Assembly.Location, [Bitswap.Blockstore].Assembly.Location
        Add-Type -ReferencedAssemblies ($assemblies + 'System.Collections', 'System.Collections.Concurrent', 'System.Runtime', 'System.Memory', 'System.Linq') -TypeDefinition @'
using System.Collections.Concurrent; using System.Collections.Generic; using System.Linq; using Bitswap;
public sealed class CsStore : Blockstore {
    readonly ConcurrentDictionary<Multihash, byte[]> _t = new ConcurrentDictionary<Multihash, byte[]>();
    public override byte[] GetBlock(Cid cid) { byte[] d; return _t.TryGetValue(cid.Hash, out d) ? d : null; }
    public override void PutBlock(Cid cid, byte[] data) { _t[cid.Hash] = data; }
    public override bool RemoveBlock(Cid cid) { byte[] d; return _t.TryRemove(cid.Hash, out d); }
    public override IEnumerable<Cid> ListBlocks() { return _t.Keys.Select(h => Cid.CreateV1(0x55, h)).ToList(); }
}
'@
        $provider = Start-BitswapNode -BlockStore ([CsStore]::new())
        $client = Start-BitswapNode
        $null = Connect-BitswapPeer $provider -Node $client
        'by C#' | Add-BitswapBlock -Node $provider | Get-BitswapBlock -Node $client -AsString | Should -Be 'by C#'
        Clear-Nodes
    }
}

Describe 'Stores of one''s own, under load' {
    BeforeAll {
        $assemblies = [Bitswap.Cid].Assembly.Location, [Bitswap.Blockstore].Assembly.Location
        Add-Type -ReferencedAssemblies ($assemblies + 'System.Collections', 'System.Collections.Concurrent', 'System.Runtime', 'System.Memory', 'System.Linq', 'System.Threading') -TypeDefinition @'
using System; using System.Collections.Concurrent; using System.Collections.Generic; using System.Linq; using System.Threading; using Bitswap;
public class LoadStore : Blockstore {
    readonly ConcurrentDictionary<Multihash, byte[]> _t = new ConcurrentDictionary<Multihash, byte[]>();
    public readonly ManualResetEventSlim Gate = new ManualResetEventSlim(true); public int Waiting; public bool Fails;
    void Before() { if (Fails) throw new InvalidOperationException("the disk is on fire"); if (!Gate.IsSet) { Interlocked.Increment(ref Waiting); Gate.Wait(); } }
    public override byte[] GetBlock(Cid cid) { Before(); byte[] d; return _t.TryGetValue(cid.Hash, out d) ? d : null; }
    public override void PutBlock(Cid cid, byte[] data) { Before(); _t[cid.Hash] = data; }
    public override bool RemoveBlock(Cid cid) { Before(); byte[] d; return _t.TryRemove(cid.Hash, out d); }
    public override IEnumerable<Cid> ListBlocks() { Before(); return _t.Keys.Select(h => Cid.CreateV1(0x55, h)).ToList(); }
}
'@
    }
    AfterEach { Clear-Nodes }

    It 'take and serve thousands of blocks both ways at once: <name>' -ForEach @(
        @{ name = 'C#'; make = { [LoadStore]::new() }; count = 3000 }
        @{ name = 'a PowerShell class'; make = { New-TableStore }; count = 1000 }
    ) {
        $left = Start-BitswapNode -BlockStore (& $make)
        $right = Start-BitswapNode -BlockStore (& $make)
        $null = Connect-BitswapPeer $left -Node $right
        $ofLeft = 1..$count | ForEach-Object { "left $_" } | Add-BitswapBlock -Node $left
        $ofRight = 1..$count | ForEach-Object { "right $_" } | Add-BitswapBlock -Node $right
        $there = New-ModuleRunspace
        try {
            $running = $there.AddScript('param($cids, $node) @($cids | Get-BitswapBlock -Node $node).Count').AddArgument($ofLeft.Cid).AddArgument($right).BeginInvoke()
            @($ofRight.Cid | Get-BitswapBlock -Node $left).Count | Should -Be $count
            $there.EndInvoke($running) | Should -Be $count
        }
        finally {
            $there.Runspace.Dispose()
            $there.Dispose()
        }

        @(Get-BitswapBlock -Local -Node $left).Count | Should -Be (2 * $count)
        @(Get-BitswapBlock -Local -Node $right).Count | Should -Be (2 * $count)
    }

    It 'that throw are reported as StoreFailed, with what was thrown, and the node lives on' {
        $store = [LoadStore]::new()
        $node = Start-BitswapNode -BlockStore $store
        $block = 'before' | Add-BitswapBlock -Node $node
        $store.Fails = $true
        foreach ($failing in { 'x' | Add-BitswapBlock -Node $node }, { $block.Cid | Get-BitswapBlock -Local -Node $node }, { $block.Cid | Test-BitswapBlock -Node $node }, { $block.Cid | Remove-BitswapBlock -Node $node -Confirm:$false }, { Get-BitswapBlock -Local -Node $node }) {
            $failure = Get-Failure $failing
            $failure.FullyQualifiedErrorId | Should -Match '^StoreFailed,' -Because "$failing"
            "$failure" | Should -Match 'the disk is on fire'
        }

        $store.Fails = $false
        $block.Cid | Get-BitswapBlock -Local -Node $node -AsString | Should -Be 'before'
    }

    It 'that fail while a block is fetched fail that fetch alone' {
        $provider = Start-BitswapNode
        $store = [LoadStore]::new()
        $client = Start-BitswapNode -BlockStore $store
        $null = Connect-BitswapPeer $provider -Node $client
        $block = 'fetched into a broken store' | Add-BitswapBlock -Node $provider
        $store.Fails = $true
        (Get-Failure { $block.Cid | Get-BitswapBlock -Node $client -TimeoutSeconds 10 }).FullyQualifiedErrorId | Should -Match '^StoreFailed,'
        $store.Fails = $false
        $block.Cid | Get-BitswapBlock -Node $client -AsString | Should -Be 'fetched into a broken store'
    }

    It 'that are slow do not stall their node' {
        $store = [LoadStore]::new()
        $slow = Start-BitswapNode -BlockStore $store
        $blocks = 1..40 | ForEach-Object { "slow $_" } | Add-BitswapBlock -Node $slow
        $other = Start-BitswapNode
        $reader = New-ModuleRunspace
        $asker = New-ModuleRunspace
        $store.Gate.Reset()
        try {
            $reading = $reader.AddScript('param($cids, $node) @($cids | Get-BitswapBlock -Local -Node $node).Count').AddArgument($blocks.Cid).AddArgument($slow).BeginInvoke()
            Wait-Until { $store.Waiting -gt 0 }
            # each asks the loop several times: were the reads to hold it, none would end before the gate opens
            $asking = $asker.AddScript('param($other, $node) Get-BitswapStat -Node $node; Connect-BitswapPeer $other -Node $node; Disconnect-BitswapPeer $other -Node $node').AddArgument($other).AddArgument($slow).BeginInvoke()
            $asking.AsyncWaitHandle.WaitOne(30000) | Should -BeTrue
            @($asker.EndInvoke($asking)).Count | Should -Be 2
            $asker.HadErrors | Should -BeFalse
            $reading.IsCompleted | Should -BeFalse
            $store.Gate.Set()
            $reader.EndInvoke($reading) | Should -Be 40
        }
        finally {
            $store.Gate.Set()
            foreach ($shell in $reader, $asker) {
                $shell.Runspace.Dispose()
                $shell.Dispose()
            }
        }
    }
}

Describe 'A folder of flat files' {
    It 'is served as it is, and left as it was closed' {
        $folder = New-TemporaryFolder
        try {
            $first = Start-BitswapNode -BlockStore $folder
            $block = 'in flat files' | Add-BitswapBlock -Node $first
            Stop-BitswapNode $first
            Get-ChildItem -LiteralPath $folder -Recurse -Filter *.data | Should -Not -BeNullOrEmpty
            $second = Start-BitswapNode -BlockStore (Get-Item $folder)
            $block.Cid | Get-BitswapBlock -Node $second -Local -AsString | Should -Be 'in flat files'
            $third = Start-BitswapNode -BlockStore ([Bitswap.Node.Blockstores.FlatFileBlockstore]::new($folder))
            $block.Cid | Get-BitswapBlock -Node $third -Local -AsString | Should -Be 'in flat files'
        }
        finally {
            Clear-Nodes
            Remove-Item -LiteralPath $folder -Recurse -Force
        }
    }
}

Describe 'A PowerShell class without [NoRunspaceAffinity()]' {
    It 'is refused, since it would wait for the pipeline that waits for it' {
        $bound = [scriptblock]::Create('class BoundStore : Bitswap.Blockstore { [byte[]] GetBlock([Bitswap.Cid] $c) { return $null } [void] PutBlock([Bitswap.Cid] $c, [byte[]] $d) { } [bool] RemoveBlock([Bitswap.Cid] $c) { return $false } [System.Collections.Generic.IEnumerable[Bitswap.Cid]] ListBlocks() { return @() } }; Start-BitswapNode -BlockStore ([BoundStore]::new())')
        $failure = Get-Failure $bound
        $failure.FullyQualifiedErrorId | Should -Match '^InvalidStore,'
        $failure.ErrorDetails.RecommendedAction | Should -Match 'NoRunspaceAffinity'
        Get-BitswapNode | Should -BeNullOrEmpty
    }
}

Describe 'A folder of flat files that is somebody else''s' {
    BeforeAll {
        # as Kubo lays out its repository
        function New-KuboStore {
            $blocks = Join-Path $folder 'ipfs/blocks'
            $node = Start-BitswapNode -BlockStore $blocks -CreateStore
            $block = "Kubo's own" | Add-BitswapBlock -Node $node
            Stop-BitswapNode $node
            Remove-Item -LiteralPath (Join-Path $blocks '.bitswap-store') -Force
            foreach ($file in 'config', 'version', 'datastore_spec', 'blocks/_README', 'blocks/diskUsage.cache') {
                Set-Content -LiteralPath (Join-Path $folder "ipfs/$file") -Value '{}'
            }

            [pscustomobject]@{ Blocks = $blocks; Cid = $block.Cid }
        }
    }

    BeforeEach { $folder = New-TemporaryFolder }

    AfterEach {
        Clear-Nodes
        Remove-Item -LiteralPath $folder -Recurse -Force
    }

    It 'loses nothing to <_> without -Force, which says whose it is' -ForEach 'Clear-BitswapStore', 'Remove-BitswapFile', 'Remove-BitswapBlock' {
        $kubo = New-KuboStore
        $node = Start-BitswapNode -BlockStore $kubo.Blocks
        $arguments = @{ Node = $node; Confirm = $false; ErrorAction = 'Stop' }
        if ($_ -ne 'Clear-BitswapStore') { $arguments.Cid = $kubo.Cid }
        $failure = Get-Failure { & $_ @arguments }
        $failure.FullyQualifiedErrorId | Should -BeLike 'ForeignStore,*'
        $failure.CategoryInfo.Category | Should -Be 'PermissionDenied'
        "$failure" | Should -BeLike "*$($kubo.Blocks)*Kubo's, of the repository '$(Join-Path $folder 'ipfs')'*"
        $failure.ErrorDetails.RecommendedAction | Should -BeLike '*ipfs repo gc*-Force*'
        Test-BitswapBlock $kubo.Cid -Node $node | Should -BeTrue

        & $_ @arguments -Force | Out-Null
        Test-BitswapBlock $kubo.Cid -Node $node | Should -BeFalse
    }

    It 'is told also <name>' -ForEach @(
        @{ name = 'of a link to it'; prepare = { New-Item -ItemType SymbolicLink -Path "$folder/link" -Target $kubo.Blocks | Out-Null; "$folder/link" }; says = '*of the repository*' }
        @{ name = 'of a copy of its blocks alone'; prepare = { Remove-Item "$folder/ipfs/config", "$folder/ipfs/datastore_spec"; $kubo.Blocks }; says = '*flatfs, since it has the file _README*' }
        @{ name = 'of one without a sign of anybody'; prepare = { Remove-Item "$folder/ipfs/config", "$folder/ipfs/datastore_spec", "$folder/ipfs/blocks/_README", "$folder/ipfs/blocks/diskUsage.cache"; $kubo.Blocks }; says = '*does not have the folder .bitswap-store*' }
        @{ name = 'of one that this module made and Kubo took over'; prepare = { $null = New-Item -ItemType Directory "$folder/ipfs/blocks/.bitswap-store"; $kubo.Blocks }; says = '*of the repository*' }
    ) {
        $kubo = New-KuboStore
        $node = Start-BitswapNode -BlockStore (& $prepare)
        $failure = Get-Failure { Clear-BitswapStore -Node $node -Confirm:$false }
        $failure.FullyQualifiedErrorId | Should -BeLike 'ForeignStore,*'
        "$failure" | Should -BeLike $says
    }

    It 'is none that this module made, by -BlockStore or by -Path' {
        foreach ($start in @{ BlockStore = Join-Path $folder 'own'; CreateStore = $true }, @{ Path = Join-Path $folder 'repository' }) {
            $node = Start-BitswapNode @start
            $block = 'not needed' | Add-BitswapBlock -Node $node
            Stop-BitswapNode $node
            # a store of an earlier version has no mark, and in a repository needs none
            if ($start.Path) { Remove-Item -LiteralPath "$folder/repository/blocks/.bitswap-store" -Force }
            $node = Start-BitswapNode @start
            (Clear-BitswapStore -Node $node -Confirm:$false).Cid | Should -Be $block.Cid
        }
    }
}

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

# What the tests of files share: two nodes, and a tree that the provider has.
$pair = New-NodePair
$provider = $pair.Provider
$client = $pair.Client
$folder = New-TemporaryFolder

# Blocks of files and directories by hand: what is read must not depend on what writes.
function ConvertTo-Varint([uint64] $Value) {
    while ($Value -ge 128) { [byte](($Value -band 127) -bor 128); $Value = $Value -shr 7 }
    [byte] $Value
}
function Get-Field([int] $Number, [byte[]] $Bytes) { @([byte](($Number -shl 3) -bor 2)) + @(ConvertTo-Varint $Bytes.Count) + $Bytes }
function Get-Number([int] $Number, [uint64] $Value) { @([byte]($Number -shl 3)) + @(ConvertTo-Varint $Value) }
function Get-Link([Bitswap.Cid] $Cid, [string] $Name, [uint64] $Size) {
    Get-Field 2 ([byte[]](@(Get-Field 1 $Cid.ToByteArray()) + @(Get-Field 2 ([Text.Encoding]::UTF8.GetBytes($Name))) + @(Get-Number 3 $Size)))
}
function Add-Directory($Entries) {
    $sorted = @($Entries.Keys); [Array]::Sort($sorted, [StringComparer]::Ordinal)
    $links = foreach ($name in $sorted) { Get-Link $Entries[$name].Cid $name $Entries[$name].Size }
    Add-BitswapBlock ([byte[]](@($links) + @(Get-Field 1 ([byte[]](8, 1))))) -Codec dag-pb -Node $provider
}
function Add-Parts($Parts) {
    $links = foreach ($part in $Parts) { Get-Link $part.Cid '' $part.Size }
    $sizes = foreach ($part in $Parts) { Get-Number 4 $part.Size }
    $total = ($Parts | Measure-Object Size -Sum).Sum
    $data = [byte[]](@([byte]8, [byte]2) + @(Get-Number 3 $total) + @($sizes))
    $block = Add-BitswapBlock ([byte[]](@($links) + @(Get-Field 1 $data))) -Codec dag-pb -Node $provider
    [pscustomobject]@{ Cid = $block.Cid; Size = $total }
}
function Add-Symlink([string] $Target) {
    Add-BitswapBlock ([byte[]](Get-Field 1 ([byte[]](@([byte]8, [byte]4) + @(Get-Field 2 ([Text.Encoding]::UTF8.GetBytes($Target))))))) -Codec dag-pb -Node $provider
}

$random = [byte[]]::new(5 * 100KB)
[Random]::new(5).NextBytes($random)
$parts = foreach ($i in 0..4) { Add-BitswapBlock ([byte[]] $random[($i * 100KB)..(($i + 1) * 100KB - 1)]) -Node $provider }
$big = Add-Parts $parts
$text = "first line`r`nzweite Zeile: äöü`nlast" | Add-BitswapBlock -Node $provider
$inner = Add-Directory @{ 'notes.txt' = $text; 'a b%20c.txt' = ('percent' | Add-BitswapBlock -Node $provider) }
$tree = Add-Directory @{ 'big.bin' = $big; 'docs' = $inner; 'link' = (Add-Symlink 'docs/notes.txt'); 'Zero' = (Add-BitswapBlock ([byte[]]::new(0)) -Node $provider) }
$root = "$($tree.Cid)"
function Get-Hash([string] $Path) { (Get-FileHash -LiteralPath $Path).Hash }
$bigHash = [Convert]::ToHexString([Security.Cryptography.SHA256]::HashData($random))

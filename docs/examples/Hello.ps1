<#
.SYNOPSIS
    The shortest way to a node with a block. To be run from the folder of Bitswap.psd1.
#>
#region README
Import-Module ./Bitswap.psd1
$node = Start-BitswapNode
Add-BitswapBlock 'hello, network' -Node $node
#endregion

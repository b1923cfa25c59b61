BeforeAll {
    . "$PSScriptRoot/Common.ps1"
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
}
AfterAll {
    Clear-Nodes
    Remove-Item -LiteralPath $folder -Recurse -Force
}

Describe 'Get-BitswapFile' {
    It 'lists a directory' {
        $entries = Get-BitswapFile $root -Node $client
        $entries.Name | Should -Be 'Zero', 'big.bin', 'docs', 'link'
        $entries.Type | Should -Be 'File', 'File', 'Directory', 'Symlink'
        $entries[1].Size | Should -Be 500KB
        $entries[2].Size | Should -BeNullOrEmpty
        $entries[3].Target | Should -Be 'docs/notes.txt'
        $entries[1].Path | Should -Be "/ipfs/$root/big.bin"
        $entries[1].Cid | Should -Be $big.Cid
        $entries[0] | Should -BeOfType Bitswap.BitswapFile
    }

    It 'lists with -Recurse, and by paths' {
        (Get-BitswapFile "/ipfs/$root" -Recurse -Node $client).Path | ForEach-Object { $_.Substring("/ipfs/$root/".Length) } |
            Should -Be 'Zero', 'big.bin', 'docs', 'docs/a b%20c.txt', 'docs/notes.txt', 'link'
        (Get-BitswapFile "$root/docs" -Node $client).Name | Should -Be 'a b%20c.txt', 'notes.txt'
        (Get-BitswapFile "/ipfs/$root/docs/a b%20c.txt" -Node $client).Size | Should -Be 7
        (Get-BitswapFile "ipfs://$root/docs/a%20b%2520c.txt" -Node $client).Name | Should -Be 'a b%20c.txt'
    }

    It 'takes CIDs, its own output and objects with a Cid' {
        ($tree.Cid | Get-BitswapFile -Node $client).Count | Should -Be 4
        (Get-BitswapFile $root -Node $client | Where-Object Type -EQ Directory | Get-BitswapFile).Count | Should -Be 2
        ([pscustomobject]@{ Cid = $root } | Get-BitswapFile -Node $client).Count | Should -Be 4
    }

    It 'tells what is wrong with one, and goes on' {
        $errors = @()
        $found = 'nonsense', "$root/none", "$root/big.bin/x", "$root/..", "$root/docs" | Get-BitswapFile -Node $client -ErrorAction SilentlyContinue -ErrorVariable errors
        $found.Count | Should -Be 2
        $errors.FullyQualifiedErrorId | Should -Be @('InvalidCid', 'PathNotFound', 'NotADirectory', 'InvalidPath' | ForEach-Object { "$_,Bitswap.Commands.GetBitswapFileCommand" })
        $errors[1].CategoryInfo.Category | Should -Be 'ObjectNotFound'
        $errors[2].ErrorDetails.RecommendedAction | Should -Match 'Get-BitswapFile'
    }

    It 'asks nobody with -Local' {
        $lonely = Start-BitswapNode
        $failure = Get-Failure { Get-BitswapFile $root -Local -Node $lonely -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -Match '^BlockNotFound,'
        (Get-BitswapFile $root -Local -Node $provider).Count | Should -Be 4
        Stop-BitswapNode $lonely
    }

    It 'lists a folder from its own block, whatever else is missing' {
        $lonely = Start-BitswapNode
        foreach ($cid in $root, $inner.Cid) { $null = Get-BitswapBlock $cid -Raw -Node $provider | Add-BitswapBlock -Codec dag-pb -Node $lonely }
        Remove-BitswapBlock $inner.Cid -Node $lonely -Confirm:$false
        foreach ($local in $true, $false) {
            $entries = Get-BitswapFile $root -Local:$local -Node $lonely -ErrorAction Stop
            $entries.Name | Should -Be 'Zero', 'big.bin', 'docs', 'link'
            $entries.Type | Should -Be 'File', 'Unknown', 'Unknown', 'Unknown'
            $entries[1].Cid | Should -Be $big.Cid
            $entries[1].Size | Should -BeNullOrEmpty
            $story = (Get-BitswapFile $root -Local:$local -Node $lonely -Verbose 4>&1) -join "`n"
            $story | Should -Match "What '/ipfs/$root/docs' is, or holds, is not known: "

            # what a walk leaves out is an error, and the walk goes on
            $entries = Get-BitswapFile $root -Recurse -Local:$local -Node $lonely -ErrorAction SilentlyContinue -ErrorVariable gaps
            $entries.Name | Should -Be 'Zero', 'big.bin', 'docs', 'link'
            $gaps.TargetObject | Should -Be $entries[1..3].Cid
            $id = $local ? 'BlockNotFound' : 'BlockUnavailable'
            $gaps[1].FullyQualifiedErrorId | Should -Be "$id,Bitswap.Commands.GetBitswapFileCommand"
            "$($gaps[1].ErrorDetails)" | Should -Match "^What '/ipfs/$root/docs' is, or holds, is not known: "
            $gaps[1].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        }

        Get-BitswapFile $root -Local -Node $lonely | Out-String -Width 80 | Should -Match 'Unknown'
        Stop-BitswapNode $lonely
    }

    It 'waits once for a peer that says nothing, however much is missing' {
        $network = New-BitswapTestNetwork
        $silent = Start-BitswapNode -Network $network
        $getter = Start-BitswapNode -Network $network
        $entries = @{}
        foreach ($i in 1..1200) { $entries["n$i"] = [pscustomobject]@{ Cid = (Get-BitswapCid "missing $i" -Codec dag-pb).Cid; Size = 10 } }
        $many = Add-Directory $entries
        $null = Get-BitswapBlock $many.Cid -Raw -Node $provider | Add-BitswapBlock -Codec dag-pb -Node $getter
        $null = Connect-BitswapPeer $silent -Node $getter
        $network.SetSilent($silent, $true)
        $timer = [Diagnostics.Stopwatch]::StartNew()
        $listed = Get-BitswapFile $many.Cid -TimeoutSeconds 4 -Node $getter
        $timer.Elapsed.TotalSeconds | Should -BeLessThan 12 -Because 'three times the read-ahead is missing, and is waited for once'
        $listed.Count | Should -Be 1200
        @($listed.Type | Select-Object -Unique) | Should -Be 'Unknown'
        $getter, $silent | Stop-BitswapNode
    }

    It 'asks only -Peer, and dials it' {
        $third = Start-BitswapNode
        (Get-BitswapFile $root -Peer $provider -Node $third).Count | Should -Be 4
        $third.Peers | Should -Contain $provider.PeerId
        Stop-BitswapNode $third
    }

    It 'fails at once where there is nobody to ask, or nobody has it' {
        $lonely = Start-BitswapNode
        foreach ($node in $lonely, $client) {
            (Get-Failure { Get-BitswapFile (New-UnknownCid) -Node $node -ErrorAction Stop }).FullyQualifiedErrorId | Should -Match '^BlockUnavailable,'
        }
        Stop-BitswapNode $lonely
    }

    It 'shows a table' {
        Get-BitswapFile $root -Recurse -Node $client | Out-String -Width 100 | Should -Match 'docs/notes.txt'
    }

    It 'completes names from local blocks, and never throws' {
        $typed = "Get-BitswapFile -Node $($provider.Name) -Cid /ipfs/$root/do"
        (TabExpansion2 $typed $typed.Length).CompletionMatches.CompletionText | Should -Be "/ipfs/$root/docs"
        $typed = "Get-BitswapFile -Node $($provider.Name) -Cid $root/docs/"
        (TabExpansion2 $typed $typed.Length).CompletionMatches.CompletionText | Should -Be "'$root/docs/a b%20c.txt'", "$root/docs/notes.txt"
        foreach ($bad in 'nonsense/a', "$(New-UnknownCid)/", '/ipfs//', "$root/big.bin/") {
            $typed = "Get-BitswapFile -Node $($provider.Name) -Cid $bad"
            { TabExpansion2 $typed $typed.Length } | Should -Not -Throw
        }
    }
}

Describe 'Get-BitswapContent' {
    It 'gives lines, as Get-Content does' {
        Get-BitswapContent "$root/docs/notes.txt" -Node $client | Should -Be 'first line', 'zweite Zeile: äöü', 'last'
    }

    It 'gives one string, one byte[], or bytes' {
        Get-BitswapContent $text.Cid -AsString -Node $client | Should -Be "first line`r`nzweite Zeile: äöü`nlast"
        $bytes = Get-BitswapContent "$root/big.bin" -Raw -Node $client
        , $bytes | Should -BeOfType byte[]
        [Convert]::ToHexString([Security.Cryptography.SHA256]::HashData($bytes)) | Should -Be $bigHash
        $single = @(Get-BitswapContent "$root/docs/notes.txt" -AsByteStream -Count 5 -Node $client)
        $single.Count | Should -Be 5
        $single[0] | Should -BeOfType byte
        $single | Should -Be ([Text.Encoding]::UTF8.GetBytes('first'))
        (Get-BitswapContent "$root/Zero" -Raw -Node $client).Count | Should -Be 0
        Get-BitswapContent "$root/Zero" -Node $client | Should -BeNullOrEmpty
    }

    It 'gives a range, and fetches only what holds it' {
        $third = Start-BitswapNode
        $null = Connect-BitswapPeer $provider -Node $third
        $got = Get-BitswapContent $big.Cid -Raw -Offset (200KB - 10) -Count 20 -Node $third
        $got | Should -Be $random[(200KB - 10)..(200KB + 9)]
        (Get-BitswapStat $third).BlocksReceived | Should -Be 3
        (Get-BitswapContent $big.Cid -Raw -Offset 500KB -Count 5 -Node $third).Count | Should -Be 0
        Stop-BitswapNode $third
    }

    It 'reads other encodings, and leaves a byte order mark out' {
        $marked = Add-BitswapBlock ([byte[]]([Text.Encoding]::Unicode.GetPreamble() + [Text.Encoding]::Unicode.GetBytes("a`nb"))) -Node $provider
        Get-BitswapContent $marked.Cid -Encoding unicode -Node $provider | Should -Be 'a', 'b'
        Get-BitswapContent $marked.Cid -AsString -Encoding unicode -Node $provider | Should -Be "a`nb"
        (Get-Failure { Get-BitswapContent $marked.Cid -Encoding nonsense -Node $provider }).FullyQualifiedErrorId | Should -Match '^UnknownName,'
    }

    It 'refuses a directory' {
        (Get-Failure { Get-BitswapContent $root -Node $client -ErrorAction Stop }).FullyQualifiedErrorId | Should -Be 'NotAFile,Bitswap.Commands.GetBitswapContentCommand'
    }

    It 'stops at Select-Object -First' {
        Get-BitswapContent "$root/docs/notes.txt" -Node $client | Select-Object -First 1 | Should -Be 'first line'
        Get-BitswapWantlist -Node $client | Should -BeNullOrEmpty
    }
}

Describe 'Save-BitswapFile' {
    It 'saves a tree' {
        $there = New-TemporaryFolder
        $saved = Save-BitswapFile $root $there -Name tree -PassThru -Node $client
        $saved | Should -BeOfType IO.DirectoryInfo
        Get-Hash "$there/tree/big.bin" | Should -Be $bigHash
        [IO.File]::ReadAllText("$there/tree/docs/notes.txt") | Should -Match 'zweite'
        (Get-Item "$there/tree/Zero").Length | Should -Be 0
        (Get-Item "$there/tree/link").LinkTarget | Should -Be (Join-Path docs notes.txt)
        (Get-ChildItem $there -Force).Name | Should -Be 'tree'
        Remove-Item $there -Recurse -Force
    }

    It 'names after the path, the CID, the object or -Name' {
        $there = New-TemporaryFolder
        Push-Location $there
        try {
            Save-BitswapFile "$root/docs/notes.txt" -Node $client | Should -BeNullOrEmpty
            (Save-BitswapFile $text -PassThru -Node $client).Name | Should -Be "$($text.Cid)"
            Get-BitswapFile $root -Node $client | Where-Object Type -EQ File | Save-BitswapFile
            Get-BitswapFile "$root/docs/notes.txt" -Node $client | Save-BitswapFile -Name other.txt
            (Get-ChildItem $there).Name | Sort-Object | Should -Be (@('notes.txt', "$($text.Cid)", 'Zero', 'big.bin', 'other.txt') | Sort-Object)
        }
        finally {
            Pop-Location
            Remove-Item $there -Recurse -Force
        }
    }

    It 'does not replace what is there without -Force' {
        $there = New-TemporaryFolder
        Set-Content "$there/notes.txt" mine
        $failure = Get-Failure { Save-BitswapFile "$root/docs/notes.txt" $there -Node $client -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -Be 'TargetExists,Bitswap.Commands.SaveBitswapFileCommand'
        $failure.CategoryInfo.Category | Should -Be 'ResourceExists'
        Get-Content "$there/notes.txt" | Should -Be 'mine'
        Save-BitswapFile "$root/docs/notes.txt" $there -Force -Node $client
        Get-Content "$there/notes.txt" -Raw | Should -Match '^first line'
        Remove-Item $there -Recurse -Force
    }

    It 'never replaces a pipe or a device' -Skip:$IsWindows {
        $there = New-TemporaryFolder
        mkfifo "$there/pipe"
        (Get-Failure { Save-BitswapFile $text.Cid $there -Name pipe -Force -Node $client -ErrorAction Stop }).FullyQualifiedErrorId | Should -Match '^UnsafeDestination,'
        (Get-Failure { Save-BitswapFile $text.Cid /dev -Name null -Force -Node $client -ErrorAction Stop }).FullyQualifiedErrorId | Should -Match '^UnsafeDestination,'
        (Get-ChildItem $there -Force).Name | Should -Be 'pipe'
        Remove-Item $there -Recurse
    }

    It 'does nothing with -WhatIf' {
        $there = New-TemporaryFolder
        Save-BitswapFile $root $there -WhatIf -Node $client
        Get-ChildItem $there -Force | Should -BeNullOrEmpty
        Remove-Item $there
    }

    It 'refuses <id>, and leaves nothing' -ForEach @(
        @{ id = 'UnsafeName'; make = { Add-Directory @{ '..' = $text } } }
        @{ id = 'UnsafeName'; make = { Add-Directory @{ '../../evil' = $text } } }
        @{ id = 'UnsafeName'; make = { Add-Directory @{ 'C:\evil' = $text } } }
        @{ id = 'UnsafeName'; make = { Add-Directory @{ 'NUL.txt' = $text } } }
        @{ id = 'UnsafeName'; make = { Add-Directory @{ '/etc/evil' = $text } } }
        @{ id = 'UnsafeName'; make = { Add-Directory @{ 'twice' = $text; 'docs' = (Add-Directory @{ '..' = $text }) } } }
        @{ id = 'InvalidHamt'; make = { Add-BitswapBlock ([byte[]](Get-Field 1 ([byte[]](8, 5, 0x28, 0x22, 0x30, 12)))) -Codec dag-pb -Node $provider } }
        @{ id = 'UnsafeLink'; make = { Add-Directory @{ 'evil' = (Add-Symlink '/etc/passwd') } } }
        @{ id = 'UnsafeLink'; make = { Add-Directory @{ 'evil' = (Add-Symlink '../evil') } } }
        @{ id = 'InvalidUnixFs'; make = { [pscustomobject]@{ Cid = (Add-BitswapBlock ([byte[]](10, 2, 8, 3)) -Codec dag-pb -Node $provider).Cid } } }
        @{ id = 'InvalidDagPb'; make = { [pscustomobject]@{ Cid = (Add-BitswapBlock ([byte[]](1, 2, 3)) -Codec dag-pb -Node $provider).Cid } } }
        @{ id = 'UnsupportedCodec'; make = { [pscustomobject]@{ Cid = (Add-BitswapBlock ([byte[]](0xa0)) -Codec dag-cbor -Node $provider).Cid } } }
    ) {
        $there = New-TemporaryFolder
        $bad = & $make
        $failure = Get-Failure { Save-BitswapFile $bad.Cid "$there" -Name x -Node $client -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -Be "$id,Bitswap.Commands.SaveBitswapFileCommand"
        Get-ChildItem $there -Force | Should -BeNullOrEmpty
        Remove-Item $there
    }

    It 'needs a folder that is there' {
        (Get-Failure { Save-BitswapFile $root "$folder/no such folder" -Node $client }).FullyQualifiedErrorId | Should -Match '^PathNotFound,'
    }

    It 'stops, and the next save goes on' {
        $there = New-TemporaryFolder
        $network = New-BitswapTestNetwork -LatencyMilliseconds 2000
        $slow = Start-BitswapNode -Network $network
        $getter = Start-BitswapNode -Network $network
        $null = @($big) + $parts | ForEach-Object { Get-BitswapBlock $_.Cid -Node $provider } | ForEach-Object { Add-BitswapBlock $_.Data -Codec $_.Codec -Node $slow }
        $null = Connect-BitswapPeer $slow -Node $getter
        $state = New-ModuleRunspace
        $null = $state.AddCommand('Save-BitswapFile').AddParameters(@{ Cid = $big.Cid; Destination = $there; Name = 'big'; Node = $getter })
        $null = $state.BeginInvoke()
        Wait-Until { @(Get-BitswapWantlist -Node $getter).Count -gt 0 }
        Stop-Shell $state
        $state.Runspace.Dispose()
        $state.Dispose()
        Get-BitswapWantlist -Node $getter | Should -BeNullOrEmpty
        Test-Path "$there/big" | Should -BeFalse

        Save-BitswapFile $big.Cid $there -Name big -Node $getter
        Get-Hash "$there/big" | Should -Be $bigHash
        (Get-ChildItem $there -Force).Name | Should -Be 'big'
        Remove-Item $there -Recurse -Force
        $getter, $slow | Stop-BitswapNode
    }

    It 'fails where the rest is missing, and goes on with what is there once somebody has it' {
        $there = New-TemporaryFolder
        $third = Start-BitswapNode
        $dying = Start-BitswapNode
        $null = $big, $parts[0], $parts[1] | ForEach-Object { Get-BitswapBlock $_.Cid -Node $provider } | ForEach-Object { Add-BitswapBlock $_.Data -Codec $_.Codec -Node $dying }
        $null = Connect-BitswapPeer $dying -Node $third
        $null = $big.Cid, $parts[0].Cid, $parts[1].Cid | Get-BitswapBlock -Node $third
        $failure = Get-Failure { Save-BitswapFile $big.Cid $there -Name big -TimeoutSeconds 0.5 -Node $third -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -Match '^BlockUnavailable,'
        (Get-ChildItem $there -Force).Name | Should -Match '^\.bitswap-[0-9a-f]{16}\.part$'

        $null = Connect-BitswapPeer $provider -Node $third
        $story = Save-BitswapFile $big.Cid $there -Name big -Node $third -Verbose 4>&1
        "$story" | Should -Match '200 KiB were there from an earlier try'
        Get-Hash "$there/big" | Should -Be $bigHash
        Remove-Item $there -Recurse -Force
        $third, $dying | Stop-BitswapNode
    }

    It 'tells what is missing and what is kept when the peer dies in the middle, and goes on from there when it is back' {
        $there = New-TemporaryFolder
        $repository = New-TemporaryFolder
        $file = Join-Path $folder 'dies.bin'
        $bytes = [byte[]]::new(3MB)
        [Random]::new(7).NextBytes($bytes)
        [IO.File]::WriteAllBytes($file, $bytes)
        $network = New-BitswapTestNetwork
        $peer = Start-BitswapNode -Network $network -Path $repository
        $getter = Start-BitswapNode -Network $network
        $cid = (Add-BitswapFile $file -ChunkSize 16384 -Node $peer).Cid
        $total = @(Get-BitswapBlock -Local -Node $peer).Count
        $total | Should -Be 193

        # slow enough that it is caught in the middle: three seconds in all
        $network.BytesPerSecond = 1MB
        $null = Connect-BitswapPeer $peer -Node $getter
        $window = New-ModuleRunspace
        $null = $window.AddCommand('Save-BitswapFile').AddParameters(@{ Cid = $cid; Destination = $there; Name = 'a'; TimeoutSeconds = 3; Node = $getter })
        $running = $window.BeginInvoke()
        Wait-Until { (Get-BitswapStat -Node $getter).BlocksReceived -gt 30 }
        Stop-BitswapNode $peer
        $null = $window.EndInvoke($running)
        $failure = $window.Streams.Error[0]
        $bar = @($window.Streams.Progress)
        $window.Runspace.Dispose()
        $window.Dispose()

        $failure.FullyQualifiedErrorId | Should -Be 'Timeout,Bitswap.Commands.SaveBitswapFileCommand'
        $failure.CategoryInfo.Category | Should -Be 'OperationTimeout'
        $missing = $failure.TargetObject
        Test-BitswapBlock $missing -Node $getter | Should -BeFalse
        Test-BitswapBlock $cid -Node $getter | Should -BeTrue
        (Test-BitswapDag $cid -Node $getter).Cid | Should -Contain $missing
        "$($failure.ErrorDetails)" | Should -Match "^No block arrived for 3 seconds, while $missing was waited for\. Asked: $($peer.PeerId) hung up after \d+ ms \(.+; dialled again \d+ times: .+\)\. [\d.]+ (KiB|MiB) of 3 MiB are saved and kept: the same save goes on from there\.$"
        $failure.ErrorDetails.RecommendedAction | Should -Match '-TimeoutSeconds'
        Test-Path "$there/a" | Should -BeFalse
        (Get-ChildItem $there -Force).Name | Should -Match '^\.bitswap-[0-9a-f]{16}\.part$'

        # what the bar showed: files, bytes of all, and the pace
        $bar.Activity | Should -Contain 'Saving a'
        @($bar.StatusDescription) -match '^0 files, [\d.]+ (KiB|MiB) of 3 MiB, [\d.]+ (B|KiB|MiB)/s$' | Should -Not -BeNullOrEmpty
        $bar[-1].RecordType | Should -Be 'Completed'

        $received = (Get-BitswapStat -Node $getter).BlocksReceived
        $received | Should -BeLessThan $total
        $network.BytesPerSecond = 0
        $peer = Start-BitswapNode -Network $network -Path $repository
        $null = Connect-BitswapPeer $peer -Node $getter
        Save-BitswapFile $cid $there -Name a -Node $getter
        Get-Hash "$there/a" | Should -Be (Get-Hash $file)
        (Get-ChildItem $there -Force).Name | Should -Be 'a'
        $stat = Get-BitswapStat -Node $getter
        $stat.BlocksReceived | Should -Be $total -Because 'only what was missing is fetched'
        $stat.DuplicateBlocks | Should -Be 0
        (Get-BitswapStat -Node $peer).BlocksSent | Should -Be ($total - $received)
        Remove-Item $there -Recurse -Force
        $getter, $peer | Stop-BitswapNode
        Remove-Item $repository -Recurse -Force
    }

    It 'ends at once where the peer says no, and waits for it with -Wait, whatever is cleared meanwhile' {
        $there = New-TemporaryFolder
        $network = New-BitswapTestNetwork
        $late = Start-BitswapNode -Network $network
        $getter = Start-BitswapNode -Network $network
        function Add-Late($Blocks) { $null = $Blocks | ForEach-Object { Get-BitswapBlock $_.Cid -Node $provider } | ForEach-Object { Add-BitswapBlock $_.Data -Codec $_.Codec -Node $late } }
        Add-Late ($big, $parts[0], $parts[1])
        $null = Connect-BitswapPeer $late -Node $getter
        $failure = Get-Failure { Save-BitswapFile $big.Cid $there -Name big -Node $getter -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -Match '^BlockUnavailable,'
        "$($failure.ErrorDetails)" | Should -Match "^No peer that could be asked has the block $($parts[2].Cid)\. Asked: .* DONT_HAVE .*\. 200 KiB of 500 KiB are saved and kept"
        $failure.ErrorDetails.RecommendedAction | Should -Match '-Wait'
        (Get-Failure { Save-BitswapFile $big.Cid $there -Name big -Wait -TimeoutSeconds 0.2 -Node $getter -ErrorAction Stop }).FullyQualifiedErrorId | Should -Match '^Timeout,'

        $useless = Add-BitswapBlock 'of no use' -Node $getter
        $window = New-ModuleRunspace
        $null = $window.AddCommand('Save-BitswapFile').AddParameters(@{ Cid = $big.Cid; Destination = $there; Name = 'big'; Wait = $true; TimeoutSeconds = 60; Node = $getter })
        $running = $window.BeginInvoke()
        Wait-Until { @(Get-BitswapWantlist -Node $getter).Count -eq 3 }
        (Clear-BitswapStore -Node $getter -Confirm:$false).Cid | Should -Contain $useless.Cid
        Add-Late $parts[2..4]
        $null = $window.EndInvoke($running)
        $window.Streams.Error | Should -BeNullOrEmpty
        $window.Runspace.Dispose()
        $window.Dispose()
        Get-Hash "$there/big" | Should -Be $bigHash
        (Get-BitswapStat -Node $getter).BlocksReceived | Should -Be 6
        Remove-Item $there -Recurse -Force
        $getter, $late | Stop-BitswapNode
    }
}

BeforeAll {
    . "$PSScriptRoot/Common.ps1"
    $folder = New-TemporaryFolder
}

AfterAll {
    Clear-Nodes
    Remove-Item -LiteralPath $folder -Recurse -Force
}

Describe 'A tree with an empty file, whose block is stored nowhere' {
    BeforeAll {
        $node = Start-BitswapNode
        $tree = New-Item -ItemType Directory (Join-Path $folder 'tree')
        Set-Content (Join-Path $tree 'full.txt') 'full'
        $null = New-Item (Join-Path $tree 'empty.txt')
        $root = (Add-BitswapFile $tree -Recurse -Node $node).Cid
        $nothing = 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku'
        Remove-BitswapBlock $nothing -Node $node
        $car = Join-Path $folder 'tree.car'
    }

    It 'is whole' {
        Get-BitswapBlock -Local -Node $node | Where-Object Cid -EQ $nothing | Should -BeNullOrEmpty
        Test-BitswapDag $root -Node $node | Should -BeNullOrEmpty
        (Show-BitswapDag $root -Node $node).State | Should -Be 'Stored', 'Stored', 'Stored'
    }

    It 'is pinned and collected around' {
        (Add-BitswapPin $root -Local -Node $node).Cid | Should -Be $root
        Clear-BitswapStore -Node $node -Confirm:$false
        Test-BitswapDag $root -Quiet -Node $node | Should -BeTrue
    }

    It 'is listed, read and saved' {
        (Get-BitswapFile $root -Local -Node $node).Size | Should -Be 0, 5
        Get-BitswapContent "$root/empty.txt" -AsString -Local -Node $node | Should -BeExactly ''
        Save-BitswapFile $root $folder -Name saved -Local -Node $node
        (Get-Item (Join-Path $folder 'saved/empty.txt')).Length | Should -Be 0
        Get-Content (Join-Path $folder 'saved/full.txt') | Should -Be 'full'
    }

    It 'goes through a CAR' {
        (Export-BitswapCar $root $car -Local -Node $node).Blocks | Should -Be 3
        $other = Start-BitswapNode
        (Import-BitswapCar $car -Pin -Node $other).Blocks | Should -Be 3
        Test-BitswapDag $root -Quiet -Node $other | Should -BeTrue
    }
}

Describe 'What may be no block' {
    BeforeAll {
        $node = Start-BitswapNode
        $short = 'bafkreez3itiri7ghbbf6lzej7paxyxy2qznpw'
        $long = "$([Bitswap.Cid]::CreateV1(0x55, [Bitswap.Multihash]::FromBytes([byte[]](@(0, 129, 1) + @(0) * 129))))"

        function ConvertTo-Varint([uint64] $Value) {
            while ($Value -ge 128) { [byte](($Value -band 127) -bor 128); $Value = $Value -shr 7 }
            [byte] $Value
        }
        # a CAR of sections that name their blocks as they like
        function New-Car([string] $Path, [object[]] $Sections) {
            $file = [IO.File]::Create($Path)
            $header = [Convert]::FromHexString('11a265726f6f7473806776657273696f6e01')
            $file.Write($header)
            foreach ($section in $Sections) {
                $cid = ([Bitswap.Cid] $section.Cid).ToByteArray()
                $length = [byte[]](ConvertTo-Varint ($cid.Length + $section.Data.Length))
                $file.Write($length)
                $file.Write($cid)
                $file.Write($section.Data)
            }
            $file.Dispose()
            $Path
        }
    }

    It 'is refused by one error: <door>' -ForEach @(
        @{ door = 'Get-BitswapBlock'; call = { Get-BitswapBlock $_ -Node $node } }
        @{ door = 'Get-BitswapBlock -Local'; call = { Get-BitswapBlock $_ -Local -Node $node } }
        @{ door = 'Start-BitswapWant'; call = { Start-BitswapWant $_ -Node $node } }
        @{ door = 'Get-BitswapContent'; call = { Get-BitswapContent $_ -Node $node } }
        @{ door = 'Add-BitswapBlock'; call = { Add-BitswapBlock 'x' -Cid $_ -Node $node } }
        @{ door = 'Find-BitswapProvider'; call = { Find-BitswapProvider $_ -Node $node } }
    ) {
        foreach ($cid in $short, $long) {
            $failure = Get-Failure { $cid | ForEach-Object $call }
            $failure.FullyQualifiedErrorId | Should -BeLike 'InvalidMultihash,*'
            $failure.Exception.Message | Should -Match 'names no block'
            $failure.ErrorDetails.RecommendedAction | Should -Match '128 bytes'
        }
        @(Get-BitswapWantlist -Node $node) | Should -BeNullOrEmpty
    }

    It 'does not spoil the others' {
        $wants = 'bafkqaaa', $short, 'bafkqabtimvwgy3yk' | Start-BitswapWant -Node $node -ErrorAction SilentlyContinue -ErrorVariable failures
        $wants | Should -HaveCount 2
        $failures.TargetObject | Should -Be $short
    }

    It 'is passed over by Import-BitswapCar, and the rest is imported' {
        $good = Get-BitswapCid 'good'
        $last = Get-BitswapCid 'last'
        $big = [byte[]]::new(5MB)
        $hash = [Security.Cryptography.SHA256]::HashData($big)
        $bigCid = [Bitswap.Cid]::CreateV1(0x55, [Bitswap.Multihash]::FromBytes([byte[]](@(0x12, 0x20) + $hash)))
        $path = New-Car (Join-Path $folder 'refused.car') @(
            @{ Cid = $good.Cid; Data = [Text.Encoding]::UTF8.GetBytes('good') }
            @{ Cid = $bigCid; Data = $big }
            @{ Cid = $short; Data = [byte[]] 1 }
            @{ Cid = $last.Cid; Data = [Text.Encoding]::UTF8.GetBytes('last') })
        $car = Import-BitswapCar $path -Node $node -ErrorAction SilentlyContinue -ErrorVariable failures
        $car.Blocks | Should -Be 2
        $failures.FullyQualifiedErrorId | Should -Be 'BlockTooLarge,Bitswap.Commands.ImportBitswapCarCommand', 'InvalidMultihash,Bitswap.Commands.ImportBitswapCarCommand'
        $failures.TargetObject | Should -Be $bigCid, $short
        $failures[0].Exception.Message | Should -Match '5242880 bytes, over the limit of 4194286'
        Test-BitswapBlock $good.Cid, $last.Cid, $bigCid -Node $node | Should -Be $true, $true, $false
    }

    It 'is told as a limit where a CAR has too large a header' {
        $path = Join-Path $folder 'header.car'
        [IO.File]::WriteAllBytes($path, [byte[]] (0x81, 0x80, 0x80, 0x10, 0xA2))
        $failure = Get-Failure { Import-BitswapCar $path -Node $node -ErrorAction Stop }
        $failure.FullyQualifiedErrorId | Should -BeLike 'DagLimitExceeded,*'
        $failure.Exception.Message | Should -Match 'over the limit of 33554432'
        $failure.ErrorDetails.RecommendedAction | Should -Match 'several CARs'
    }
}

Describe 'A CAR of 26 000 roots' {
    It 'is written and read' {
        $from = Start-BitswapNode
        $to = Start-BitswapNode
        $path = Join-Path $folder 'roots.car'
        $car = 1..26000 | ForEach-Object { "root $_" } | Add-BitswapBlock -Node $from | Export-BitswapCar -Path $path -Local -Node $from
        $car.Roots | Should -HaveCount 26000
        $read = Import-BitswapCar $path -Node $to
        $read.Blocks | Should -Be 26000
        $read.Roots[-1] | Should -Be $car.Roots[-1]
    }
}

Describe 'Blocks that are not canonical' {
    BeforeAll {
        $node = Start-BitswapNode
        $leaf = Add-BitswapBlock 'leaf' -Node $node
    }

    It 'are read as ConvertTo-Json writes them, and Add-BitswapBlock says what is not canonical' {
        $json = [ordered]@{ n = 1; doc = @{ '/' = "$($leaf.Cid)" } } | ConvertTo-Json
        $block = Add-BitswapBlock $json -Codec dag-json -Node $node -WarningVariable told -WarningAction SilentlyContinue
        "$told" | Should -Match 'canonical form of dag-json: the keys of a map are out of order'
        (Show-BitswapDag $block -Node $node).Cid | Should -Be $block.Cid, $leaf.Cid
        Test-BitswapDag $block -Node $node | Should -BeNullOrEmpty
    }

    It 'are read as older encoders of dag-cbor wrote them: <hex>' -ForEach @(
        @{ hex = 'a2616202616101'; why = 'out of order' }
        @{ hex = 'f7'; why = 'undefined' }
        @{ hex = '1801'; why = 'shortest form' }
        @{ hex = 'f93c00'; why = 'shorter than 64 bits' }
        @{ hex = 'fa3fc00000'; why = 'shorter than 64 bits' }
    ) {
        $block = Add-BitswapBlock ([Convert]::FromHexString($hex)) -Codec dag-cbor -Node $node -WarningVariable told -WarningAction SilentlyContinue
        "$told" | Should -Match $why
        Test-BitswapDag $block -Node $node | Should -BeNullOrEmpty
        $computed = Get-BitswapCid ([Convert]::FromHexString($hex)) -Codec dag-cbor -WarningVariable again -WarningAction SilentlyContinue
        $computed.Cid | Should -Be $block.Cid
        "$again" | Should -Be "$told"
    }

    It 'are told where they are not of the codec at all' {
        $null = Add-BitswapBlock '{"a":{"/":{"\ud800":1}}}' -Codec dag-json -Node $node -WarningVariable told -WarningAction SilentlyContinue
        "$told" | Should -Match 'no Unicode.*links of the block cannot be read'
        $gap = Add-BitswapBlock '{"a":{"/":{"\ud800":1}}}' -Codec dag-json -Node $node -WarningAction SilentlyContinue | Test-BitswapDag -Node $node
        $gap.State | Should -Be 'Unreadable'
    }

    It 'are nothing to tell where they are canonical, or of a codec without a form' {
        $null = '{"a":[1,null]}' | Add-BitswapBlock -Codec dag-json -Node $node -WarningVariable told
        $null = '{ "a": 1 }' | Add-BitswapBlock -Codec json -Node $node -WarningVariable +told
        $null = '{ "a": 1 }' | Add-BitswapBlock -Node $node -WarningVariable +told
        $told | Should -BeNullOrEmpty
    }
}

Describe 'Paths through dag-json and dag-cbor' {
    BeforeAll {
        $node = Start-BitswapNode
        $tree = New-Item -ItemType Directory (Join-Path $folder 'site')
        Set-Content (Join-Path $tree 'page.txt') 'page' -NoNewline
        $site = Add-BitswapFile $tree -Recurse -Node $node
        $leaf = Add-BitswapBlock 'leaf' -Node $node
        # [site]: a list of one link, tag 42 over a zero and the CID
        $cid = ([Bitswap.Cid] $site.Cid).ToByteArray()
        $cbor = Add-BitswapBlock ([byte[]](@(0x81, 0xd8, 0x2a, 0x58, ($cid.Length + 1), 0) + $cid)) -Codec dag-cbor -Node $node
        $root = Add-BitswapBlock "{`"a`":{`"b`":[{`"/`":`"$($leaf.Cid)`"},7]},`"site`":{`"/`":`"$($cbor.Cid)`"}}" -Codec dag-json -Node $node
    }

    It 'lead to blocks' {
        Get-BitswapBlock "$($root.Cid)/a/b/0" -AsString -Node $node | Should -Be 'leaf'
        Get-BitswapBlock "/ipfs/$($root.Cid)/a/b/0" -AsString -Local -Node $node | Should -Be 'leaf'
        Get-BitswapBlock "$($root.Cid)/a/b/0" -OutFile $folder -Local -Node $node
        Join-Path $folder "$($leaf.Cid)" | Should -Exist
    }

    It 'lead to files and folders below a link' {
        Get-BitswapContent "$($root.Cid)/site/0/page.txt" -Local -Node $node | Should -Be 'page'
        (Get-BitswapFile "ipfs://$($root.Cid)/site/0" -Local -Node $node).Path | Should -Be "/ipfs/$($root.Cid)/site/0/page.txt"
        Save-BitswapFile "$($root.Cid)/site/0/page.txt" $folder -Local -Node $node
        Get-Content (Join-Path $folder 'page.txt') | Should -Be 'page'
    }

    It 'lead to what is pinned, tested, shown and exported' {
        (Add-BitswapPin "$($root.Cid)/site/0" -Local -Node $node).Cid | Should -Be $site.Cid
        Test-BitswapDag "$($root.Cid)/site/0" -Quiet -Node $node | Should -BeTrue
        (Show-BitswapDag "$($root.Cid)/site/0" -Node $node)[0].Cid | Should -Be $site.Cid
        $car = Export-BitswapCar "$($root.Cid)/site/0", $leaf, "$($root.Cid)/a/b/0" (Join-Path $folder 'paths.car') -Local -Node $node
        $car.Roots | Should -Be $site.Cid, $leaf.Cid
    }

    It 'that lead to no block are told, and the others go on: <call>' -ForEach @(
        @{ call = { Get-BitswapBlock "$($root.Cid)/a/b/1", $leaf -Node $node -ErrorVariable failures -ErrorAction SilentlyContinue } }
        @{ call = { Test-BitswapDag "$($root.Cid)/a/b/1", $leaf -Quiet -Node $node -ErrorVariable failures -ErrorAction SilentlyContinue } }
        @{ call = { Add-BitswapPin "$($root.Cid)/a/b/1", $leaf -Node $node -ErrorVariable failures -ErrorAction SilentlyContinue } }
        @{ call = { Show-BitswapDag "$($root.Cid)/a/b/1", $leaf -Node $node -ErrorVariable failures -ErrorAction SilentlyContinue } }
    ) {
        . $call | Should -HaveCount 1
        $failures[0].FullyQualifiedErrorId | Should -BeLike 'PathNotFound,*'
        $failures[0].Exception.Message | Should -Match 'a value within the block'
        $failures[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It 'write no CAR where they lead nowhere' {
        $path = Join-Path $folder 'nowhere.car'
        (Get-Failure { Export-BitswapCar "$($root.Cid)/none" $path -Local -Node $node }).FullyQualifiedErrorId | Should -BeLike 'PathNotFound,*'
        $path | Should -Not -Exist
    }

    It 'are fetched from peers, block by block' {
        $client = Start-BitswapNode
        $null = Connect-BitswapPeer $node -Node $client
        Get-BitswapBlock "$($root.Cid)/a/b/0" -AsString -Node $client -TimeoutSeconds 30 | Should -Be 'leaf'
        (Add-BitswapPin "$($root.Cid)/site/0" -Node $client).Cid | Should -Be $site.Cid
        Test-BitswapBlock $root, $cbor -Node $client | Should -Be $true, $true
    }
}

Describe 'A directory with two entries of one name' {
    BeforeAll {
        $node = Start-BitswapNode
        $first = Add-BitswapBlock 'first' -Node $node
        $second = Add-BitswapBlock 'second' -Node $node
        $links = foreach ($entry in $first, $second) {
            $cid = ([Bitswap.Cid] $entry.Cid).ToByteArray()
            $link = [byte[]](@(10, $cid.Length) + $cid + @(18, 1, 97, 24, $entry.Size))
            [byte[]](@(18, $link.Length) + $link)
        }
        $directory = Add-BitswapBlock ([byte[]](@($links | ForEach-Object { $_ }) + @(10, 2, 8, 1))) -Codec dag-pb -Node $node
    }

    It 'gives the first by its path, as the UnixFS specification says, and tells so' {
        Get-BitswapContent "$($directory.Cid)/a" -Local -Node $node -WarningVariable told -WarningAction SilentlyContinue | Should -Be 'first'
        "$told" | Should -Match "has 2 entries of the name 'a'.*the first is taken"
        Get-BitswapBlock "$($directory.Cid)/a" -AsString -Node $node -WarningVariable told -WarningAction SilentlyContinue | Should -Be 'first'
        "$told" | Should -Match 'has 2 entries'
    }

    It 'lists both, and tells which one paths do not lead to' {
        $files = Get-BitswapFile $directory -Local -Node $node -WarningVariable told -WarningAction SilentlyContinue
        $files.Cid | Should -Be $first.Cid, $second.Cid
        @($told) | Should -HaveCount 1
        "$told" | Should -Match "$($second.Cid)"
    }
}
